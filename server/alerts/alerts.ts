/**
 * Alert rules at work. Each batch that has been stored is shown to the rules of its sources, in the turn in which it
 * became durable; whoever sent it waits for none of this. What rules tell goes to the outbox and to the log in one
 * turn: the notification first, so that no crash can keep a transition and lose what was to be told of it.
 */
import { assert } from '../../engine/base/assert.js';
import { type Clock, SECOND_MS } from '../../engine/base/time.js';
import type { PackedBatch } from '../../engine/batch.js';
import type { Storage } from '../../engine/storage.js';
import type { Disk } from '../../wal/disk.js';
import type { LogParticipant, RecordLog } from '../../wal/records.js';
import type { Catalog } from '../catalog/catalog.js';
import type { AlertRule } from '../catalog/model.js';
import { ALERTS_FILE } from '../journal/files.js';
import { Ledger } from '../journal/ledger.js';
import { RULE_AHEAD_MAX_MS } from '../limits.js';
import { CatchUp } from './catch-up.js';
import { GuardTable } from './guard-table.js';
import type { Outbox } from './notification.js';
import { PointWatch } from './point-watch.js';
import { ShownRows } from './shown-rows.js';
import { SilenceWatch } from './silence-watch.js';
import { type Lookers, SourceWatch } from './source-watch.js';
import { type AlertChange, AlertState, beginning, type RuleRecord } from './state.js';
import { Told } from './told.js';

/** How often the clock is looked at for rules of silence. */
const TICK_MS = SECOND_MS;

/** How far the arrival of points may run ahead of what the log knows of it: a crash makes silence longer by as much. */
const ARRIVALS_AGE_MAX_MS = 10 * SECOND_MS;

/** How long what rules tell waits for more: a sync of its own each time would be in the way of those of batches. */
const COMMIT_DELAY_MS = 100;

/** What is asked of a log; pino's has it. */
export interface AlertsLogger {
  error(context: object, message: string): void;
}

export interface AlertsOptions {
  readonly disk: Disk;
  /** The data directory; the snapshot lies in it. */
  readonly directory: string;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly storage: Storage;
  readonly logger: AlertsLogger;
}

export interface AlertCounts {
  /** Rows that were shown to rules. */
  rows: number;
  transitions: number;
}

type AlertLedger = Ledger<AlertChange, AlertState>;

export class Alerts {
  readonly counts: AlertCounts = { rows: 0, transitions: 0 };
  readonly #options: AlertsOptions;
  readonly #ledger: AlertLedger;
  readonly #catchUp: CatchUp;
  /** By ordinal. */
  readonly #watches = new Map<number, SourceWatch>();
  readonly #guards = new GuardTable();
  readonly #shown = new ShownRows();
  #outbox: Outbox | undefined;
  /** Since the last commit. */
  #told = this.#newTold();
  #committing: NodeJS.Timeout | undefined;
  #openedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Of the catalog, when all rules were last looked through. */
  #rulesVersion = -1;
  #isOpening = false;
  #isClosed = false;
  #arrivalsAt = 0;

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open(options: AlertsOptions): Promise<Alerts> {
    const { disk, directory, clock } = options;
    const ledger: AlertLedger = await Ledger.open<AlertChange, AlertState>({
      disk,
      directory,
      clock,
      file: ALERTS_FILE,
      stateOf: AlertState.fromImage,
    });
    return new Alerts(options, ledger);
  }

  private constructor(options: AlertsOptions, ledger: AlertLedger) {
    this.#options = options;
    this.#ledger = ledger;
    ledger.state.settle = () => {
      for (const watch of this.#watches.values()) watch.settle();
      this.#commit();
    };
    this.#catchUp = new CatchUp({
      storage: options.storage,
      logger: options.logger,
      endTime: () => options.clock.now() + RULE_AHEAD_MAX_MS + 1,
      isWatched: watch => this.#watches.get(watch.ordinal) === watch,
      show: (watch, chunk) => {
        this.#shown.setChunk(chunk);
        watch.show(this.#shown, options.clock.now(), this.#told);
        this.#commitSoon();
      },
    });
  }

  /** Its part in the log: give it to whoever opens the log, before `start`. */
  get participant(): LogParticipant {
    return this.#ledger.participant;
  }

  get #state(): AlertState {
    return this.#ledger.state;
  }

  /** After this, and not before, rules are watched: catalog, storage and outbox have been started. */
  start(log: RecordLog, outbox: Outbox): void {
    const { storage, clock } = this.#options;
    this.#ledger.start(log);
    this.#outbox = outbox;
    this.#openedAt = clock.now();
    this.#arrivalsAt = this.#openedAt;
    storage.subscribe((batch, firstRows) => this.#observe(batch, firstRows));
    this.#isOpening = true;
    this.#reconcile();
    this.#isOpening = false;
    this.#timer = setInterval(() => this.tick(), TICK_MS);
    this.#timer.unref();
  }

  /**
   * To be called in the turn in which a rule of the source was made or changed: what is stored by then a new rule does
   * not look at.
   */
  refresh(ordinal: number): void {
    const { rulesVersion } = this.#options.catalog;
    this.#watch(ordinal);
    this.#commit();
    if (rulesVersion === this.#rulesVersion + 1) this.#rulesVersion = rulesVersion;
  }

  /** What is known of a rule; undefined for one that nobody has watched yet. */
  record(ruleId: string): Readonly<RuleRecord> | undefined {
    this.#commit();
    return this.#state.rules.get(ruleId);
  }

  /** Looks at the clock for rules of silence. */
  tick(): void {
    const now = this.#options.clock.now();
    this.#reconcile();
    for (const watch of this.#watches.values()) {
      if (watch.silences.length > 0 && !this.#isArchived(watch.ordinal)) watch.check(now, this.#told);
    }
    this.#commit();
    if (now - this.#arrivalsAt >= ARRIVALS_AGE_MAX_MS) this.#commitArrivals(now);
  }

  /** Resolves once rules have been shown all that is stored. */
  caughtUp(): Promise<void> {
    return this.#catchUp.idle();
  }

  save(): Promise<void> {
    return this.#ledger.save();
  }

  /** The log must still be open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#catchUp.close();
    this.#commit();
    await this.save();
  }

  /** Must be quick, and does not throw: see `StoredListener`. */
  #observe({ sources, values }: PackedBatch, firstRows: readonly number[]): void {
    const { catalog, clock, logger } = this.#options;
    if (this.#isClosed || catalog.allRuleCount === 0) return;
    const now = clock.now();
    if (catalog.rulesVersion !== this.#rulesVersion) this.#reconcile();
    const table = this.#guards;
    for (let index = 0; index < sources.length; index++) {
      const { source: ordinal, rowCount } = sources[index];
      if (table.offsetOf(ordinal) === 0) continue;
      this.counts.rows += rowCount;
      if (table.passes(sources[index], values, firstRows[index], now)) continue;
      const watch = this.#watches.get(ordinal)!;
      try {
        const stored = { source: sources[index], values, firstRow: firstRows[index], shown: this.#shown };
        const lookers = watch.judge(stored, now, this.#told);
        if (lookers === 'none') continue;
        this.#shown.setBatch(sources[index], values, firstRows[index]);
        this.#show(watch, now, lookers);
      } catch (error) {
        // The points are stored: whoever sent them has nothing to do with it, nor have the rules of other sources.
        logger.error({ err: error, source: watch.ordinal }, 'Alert rules could not look at points');
      }
    }
    this.#commitSoon();
    this.#ledger.touch();
  }

  /** What there is in `#shown`. */
  #show(watch: SourceWatch, now: number, lookers: Exclude<Lookers, 'none'>): void {
    const { rows } = this.#shown;
    if (lookers !== 'all') {
      watch.show(this.#shown, now, this.#told, lookers);
      return;
    }
    watch.arrived(this.#shown, now, this.#told);
    if (watch.points.length === 0) return;
    // A scan leaves out what is too far ahead, and finds the rest, and what once was and is no more.
    const isAhead = rows.timestamp(rows.rowCount - 1) > now + RULE_AHEAD_MAX_MS;
    if (watch.isBehind || isAhead) {
      watch.fallBehind(isAhead ? 0 : rows.timestamp(0));
      this.#catchUp.add(watch);
      return;
    }
    watch.show(this.#shown, now, this.#told);
  }

  #watch(ordinal: number): void {
    const { catalog } = this.#options;
    // What rules have told that are gone since is recorded before they are forgotten, not after it.
    this.#commit();
    const before = this.#watches.get(ordinal);
    before?.close();
    for (const { id } of before?.rules ?? [])
      if (catalog.rule(id) === undefined) this.#state.rules.delete(id);
    const rules = catalog.rulesOf(ordinal);
    if (rules === undefined) {
      this.#drop(ordinal);
      return;
    }
    const record = this.#state.source(ordinal);
    const points: PointWatch[] = [];
    const silences: SilenceWatch[] = [];
    for (const rule of rules) {
      const progress = this.#begun(rule, ordinal);
      if (rule.status === 'paused') continue;
      const condition = rule.parsedCondition;
      if (condition.operator === 'no_data') {
        silences.push(new SilenceWatch(rule, condition, progress, record, this.#openedAt));
      } else {
        const known =
          before?.isBehind === false ? before.points.find(other => other.rule === rule) : undefined;
        points.push(known ?? new PointWatch(rule, condition, progress));
      }
    }
    // Before the start points may have been stored that nobody has been shown.
    const isBehind = this.#isOpening || before?.isBehind === true || points.some(({ isFresh }) => isFresh);
    const watch = new SourceWatch(
      ordinal,
      rules,
      { points, silences },
      record,
      isBehind && points.length > 0,
      this.#guards,
      this.#options.clock.now(),
    );
    this.#watches.set(ordinal, watch);
    if (watch.isBehind) this.#catchUp.add(watch);
  }

  #drop(ordinal: number): void {
    this.#watches.get(ordinal)?.close();
    this.#watches.delete(ordinal);
  }

  /** The record of a rule as it is now: one that was changed begins anew, and is resolved where it was firing. */
  #begun(rule: AlertRule, ordinal: number): RuleRecord {
    const { storage, clock } = this.#options;
    const before = this.#state.rules.get(rule.id);
    if (before?.revision === rule.revision) return before;
    const now = clock.now();
    if (before?.machine.phase === 'firing') {
      const reason = rule.status === 'paused' ? 'paused' : 'changed';
      this.#told.add(rule, before, {
        kind: 'resolved',
        at: now,
        time: null,
        evidence: null,
        point: null,
        reason,
      });
    }
    const { lastTime = -1 } = storage.stats(ordinal);
    // What is far ahead of the clock is not looked at, and would make all that comes until then late.
    const time = lastTime <= now + RULE_AHEAD_MAX_MS ? lastTime : now;
    const place = { time, row: Number.MAX_SAFE_INTEGER };
    const record = this.#state.put(rule.id, beginning(rule.revision, now, place, before));
    this.#told.touch(rule, record);
    return record;
  }

  #newTold(): Told {
    return new Told(rule => this.#options.catalog.source(rule.sourceId));
  }

  /** A crash before that loses nothing: the points are there, and say the same again. */
  #commitSoon(): void {
    if (this.#told.isEmpty || this.#committing !== undefined) return;
    this.#committing = setTimeout(() => this.#commit(), COMMIT_DELAY_MS);
  }

  /** All that was told since the last time. */
  #commit(): void {
    clearTimeout(this.#committing);
    this.#committing = undefined;
    const told = this.#told;
    if (told.isEmpty) return;
    this.#told = this.#newTold();
    this.counts.transitions += told.transitionCount;
    const { notifications } = told;
    if (notifications.length > 0) this.#settle(this.#startedOutbox().put(notifications));
    this.#settle(this.#ledger.commit(told.changes()));
  }

  /** Of rules of silence: of others it is of no use. */
  #commitArrivals(now: number): void {
    const arrivals: [number, number][] = [];
    for (const { ordinal, silences, record } of this.#watches.values()) {
      if (silences.length > 0 && record.arrivedAt > this.#arrivalsAt)
        arrivals.push([ordinal, record.arrivedAt]);
    }
    this.#arrivalsAt = now;
    if (arrivals.length > 0) this.#settle(this.#ledger.commit([{ kind: 'arrivals', arrivals }]));
  }

  /** Nobody waits for it; that the log takes nothing any more is told by whoever stores points. */
  #settle(committed: Promise<void>): void {
    committed.catch(error =>
      this.#options.logger.error({ err: error }, 'What alert rules tell is not recorded'),
    );
  }

  #startedOutbox(): Outbox {
    assert(this.#outbox !== undefined, 'the rules have been started');
    return this.#outbox;
  }

  #isArchived(ordinal: number): boolean {
    const { catalog } = this.#options;
    const source = catalog.sourceByOrdinal(ordinal);
    return source?.status !== 'active' || catalog.bucket(source.bucketId)?.status !== 'active';
  }

  /** Whatever has changed in the catalog, and nobody has told us of. */
  #reconcile(): void {
    const { catalog } = this.#options;
    if (catalog.rulesVersion === this.#rulesVersion) return;
    this.#rulesVersion = catalog.rulesVersion;
    this.#commit();
    const ordinals = catalog.allRules().map(rule => catalog.source(rule.sourceId)!.ordinal);
    for (const ordinal of new Set([...ordinals, ...this.#watches.keys()])) {
      const rules = catalog.rulesOf(ordinal);
      if (rules === undefined) this.#drop(ordinal);
      else if (this.#watches.get(ordinal)?.rules !== rules) this.#watch(ordinal);
    }
    this.#state.keep(
      id => catalog.rule(id) !== undefined,
      ordinal => catalog.rulesOf(ordinal) !== undefined,
    );
    this.#commit();
  }
}
