/** State that is what replay of its records in the log makes of it, with a snapshot for the log to be cut behind. */
import { Packr } from 'msgpackr';
import { assert } from '../../engine/base/assert.js';
import type { Clock } from '../../engine/base/time.js';
import type { Disk } from '../../wal/disk.js';
import type { LogParticipant, RecordLog, Sequence } from '../../wal/records.js';
import type { LedgerFile } from './files.js';
import { encodeSnapshot, readSnapshot, writeSnapshot } from './snapshot.js';

/** How old what the log does not carry may become before it is on the disk. */
const UNLOGGED_AGE_MAX_MS = 10 * 60 * 1_000;

/** Nothing but `apply` changes it, save for what the log does not carry. */
export interface LedgerState<Change> {
  /** @throws Error for a change this version does not know. */
  apply(change: Change): void;
  /** All of it as plain data, which MessagePack can hold. */
  toImage(): unknown;
}

export interface LedgerOptions<Change, State extends LedgerState<Change>> {
  readonly disk: Disk;
  /** The data directory; the snapshot lies in it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly file: LedgerFile;
  /** The state of an image; without one, as it is in the beginning. */
  stateOf(image: unknown): State;
  /** A record of the log; changes in MessagePack where it is not given. */
  readonly records?: ChangeRecords<Change>;
}

export interface ChangeRecords<Change> {
  pack(changes: readonly Change[]): Uint8Array;
  /** @throws Error where the bytes are not a list of changes. */
  unpack(bytes: Uint8Array): readonly Change[];
}

// Without record extensions the bytes are plain MessagePack, which any reader of old logs understands.
const packr = new Packr({ useRecords: false });

/** @throws Error where the bytes are not a list */
export function unpackList(bytes: Uint8Array): unknown[] {
  const changes: unknown = packr.unpack(bytes);
  if (!Array.isArray(changes)) throw new Error('A record is not a list of changes');
  return changes;
}

export function packList(changes: readonly unknown[]): Uint8Array {
  return packr.pack(changes);
}

/**
 * A change is in the state when `commit` returns, and durable when its promise resolves. Where the log cannot be
 * written the promise rejects with LogUnavailableError; only a restart then tells whether the change is there.
 */
export class Ledger<Change, State extends LedgerState<Change>> {
  readonly state: State;
  /** Its part in the log: give it to whoever opens the log, before `start`. */
  readonly participant: LogParticipant;
  readonly #options: LedgerOptions<Change, State>;
  readonly #records: ChangeRecords<Change>;
  #log: RecordLog | undefined;
  /** The last record of the log that the state holds. */
  #sequence: Sequence;
  #sealedThrough: Sequence;
  /** Changes that the log does not carry, and how many of them the snapshot knows. */
  #unlogged = 0;
  #unloggedSaved = 0;
  /** When the last snapshot was written. */
  #savedAt: number;
  #saving: Promise<void> | undefined;

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open<Change, State extends LedgerState<Change>>(
    options: LedgerOptions<Change, State>,
  ): Promise<Ledger<Change, State>> {
    const snapshot = await readSnapshot(options.disk, options.directory, options.file);
    return new Ledger(options, options.stateOf(snapshot?.image), snapshot?.sequence ?? (0 as Sequence));
  }

  private constructor(options: LedgerOptions<Change, State>, state: State, sequence: Sequence) {
    this.#options = options;
    this.#records = options.records ?? {
      pack: packList,
      unpack: bytes => unpackList(bytes) as Change[],
    };
    this.state = state;
    this.#sequence = sequence;
    this.#sealedThrough = sequence;
    this.#savedAt = options.clock.now();
    this.participant = this.#createParticipant();
  }

  /** Changes go to this log from now on. */
  start(log: RecordLog): void {
    this.#log = log;
  }

  /** All of them or none. */
  async commit(changes: readonly Change[]): Promise<void> {
    const log = this.#log;
    assert(log !== undefined, `the ${this.#options.file.name} ledger was started`);
    if (log.failure !== undefined) throw log.failure;
    const durable = log.append(this.#options.file.type, [this.#records.pack(changes)]);
    this.#sequence = log.lastSequence;
    for (const change of changes) this.state.apply(change);
    await durable;
  }

  /** Applies a change that a record of another participant's has carried, once that is durable. */
  take(change: Change, sequence: Sequence): void {
    this.state.apply(change);
    this.#sequence = sequence;
  }

  /** The state was changed otherwise than by `commit`: the next snapshot has it, a crash before that loses it. */
  touch(): void {
    this.#unlogged++;
  }

  /** Writes a snapshot where it would differ from the last; the log needs no older records of the ledger then. */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  #createParticipant(): LogParticipant {
    const ledger = this;
    return {
      types: [this.#options.file.type],
      get sealedThrough() {
        return ledger.#sealedThrough;
      },
      replay({ payload, sequence }) {
        for (const change of ledger.#records.unpack(payload)) ledger.state.apply(change);
        ledger.#sequence = sequence;
      },
      seal: () => (ledger.#isWorthSaving() ? ledger.save() : Promise.resolve()),
    };
  }

  /** What the log does not carry is not worth a snapshot of perhaps a hundred thousand records, but now and then. */
  #isWorthSaving(): boolean {
    const isOld = this.#options.clock.now() - this.#savedAt >= UNLOGGED_AGE_MAX_MS;
    return this.#sequence !== this.#sealedThrough || isOld;
  }

  async #save(): Promise<void> {
    const { disk, directory, file, clock } = this.#options;
    const unlogged = this.#unlogged;
    if (this.#sequence === this.#sealedThrough && unlogged === this.#unloggedSaved) return;
    const image = this.state.toImage();
    // After it: a state may commit what it has put off, and a record that is older than the image must not be replayed.
    const sequence = this.#sequence;
    const bytes = encodeSnapshot(file, { sequence, image });
    // A change that the log has lost must not come back through the snapshot: its caller was told that it failed.
    await this.#log?.flushed();
    await writeSnapshot(disk, directory, file, bytes);
    this.#sealedThrough = sequence;
    this.#unloggedSaved = unlogged;
    this.#savedAt = clock.now();
  }
}
