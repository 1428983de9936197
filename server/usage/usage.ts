/**
 * Counts calls by key and month. A sync for each call would cost more than the call: counts go to the log every ten seconds
 * while they change, and at the end, so that a crash loses those of ten seconds at most.
 */
import { assert } from '../../engine/base/assert.js';
import type { Clock } from '../../engine/base/time.js';
import type { Disk } from '../../wal/disk.js';
import type { LogParticipant, RecordLog } from '../../wal/records.js';
import { USAGE_FILE } from '../journal/files.js';
import { Ledger } from '../journal/ledger.js';
import { monthOf, startOfMonth } from './month.js';
import { type UsageChange, UsageState } from './state.js';

const COMMIT_INTERVAL_MS = 10_000;

/** Commits after which the log is to let go of old ones: where no points come, nobody else asks it to. */
const COMMITS_PER_CHECKPOINT = 360;

export interface UsageOptions {
  readonly disk: Disk;
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
}

export class Usage {
  readonly #clock: Clock;
  readonly #ledger: Ledger<UsageChange, UsageState>;
  #log: RecordLog | undefined;
  #timer: NodeJS.Timeout | undefined;
  #commits = 0;
  #month: number;
  #monthEnd: number;
  /** Calls of the month by key id, and of all keys. */
  #calls: Map<string, number>;
  #total: number;
  /** Keys whose calls the log does not know yet. */
  readonly #changed = new Set<string>();
  #storedAt: number | null;

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open({ disk, directory, clock }: UsageOptions): Promise<Usage> {
    const stateOf = (image: unknown) =>
      image === undefined ? new UsageState() : UsageState.fromImage(image);
    const options = { disk, directory, clock, file: USAGE_FILE, stateOf };
    return new Usage(clock, await Ledger.open<UsageChange, UsageState>(options));
  }

  private constructor(clock: Clock, ledger: Ledger<UsageChange, UsageState>) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.#month = monthOf(clock.now());
    this.#monthEnd = startOfMonth(this.#month + 1);
    this.#calls = new Map();
    this.#total = 0;
    this.#storedAt = null;
  }

  /** Its part in the log: give it to whoever opens the log, before `start`. */
  get participant(): LogParticipant {
    return this.#ledger.participant;
  }

  /** Counts go to this log from now on; before that nothing may be counted. */
  start(log: RecordLog): void {
    this.#log = log;
    this.#ledger.start(log);
    this.#storedAt = this.#ledger.state.storedAt;
    this.#begin(monthOf(this.#clock.now()));
    this.#timer = setInterval(() => void this.#commitQuietly(), COMMIT_INTERVAL_MS);
    this.#timer.unref();
  }

  count(keyId: string): void {
    this.#turnMonth();
    this.#calls.set(keyId, (this.#calls.get(keyId) ?? 0) + 1);
    this.#changed.add(keyId);
    this.#total++;
  }

  /** Points have been stored. */
  markStored(): void {
    this.#storedAt = this.#clock.now();
  }

  /** Calls of all keys since the month began. */
  get callsThisMonth(): number {
    this.#turnMonth();
    return this.#total;
  }

  /** When the next month begins. */
  get monthEnd(): number {
    this.#turnMonth();
    return this.#monthEnd;
  }

  /** When points were last stored; null where they never were. After a crash it may be some seconds too early. */
  get storedAt(): number | null {
    return this.#storedAt;
  }

  /** Makes all counts durable. @throws (rejects) LogUnavailableError */
  async commit(): Promise<void> {
    const { state } = this.#ledger;
    if (this.#changed.size === 0 && this.#storedAt === state.storedAt) return;
    const calls = Array.from(this.#changed, key => [key, this.#calls.get(key) ?? 0] as const);
    this.#changed.clear();
    await this.#ledger.commit([{ month: this.#month, calls, storedAt: this.#storedAt }]);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    // Whoever could not store points has been told of it; counts are not worth an end in failure.
    await this.commit().catch(() => {});
    await this.#ledger.save().catch(() => {});
  }

  async #commitQuietly(): Promise<void> {
    try {
      await this.commit();
      this.#commits++;
      assert(this.#log !== undefined, 'the timer runs between start and close');
      if (this.#commits % COMMITS_PER_CHECKPOINT === 0) await this.#log.checkpoint();
    } catch {
      // The disk takes nothing any more, and all who store anything are told so.
    }
  }

  #turnMonth(): void {
    const now = this.#clock.now();
    if (now < this.#monthEnd) return;
    void this.commit().catch(() => {});
    this.#begin(monthOf(now));
  }

  #begin(month: number): void {
    this.#month = month;
    this.#monthEnd = startOfMonth(month + 1);
    this.#calls = new Map(this.#ledger.state.callsOf(month));
    this.#total = 0;
    for (const count of this.#calls.values()) this.#total += count;
  }
}
