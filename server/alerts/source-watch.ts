/** The rules of one source, as they are watched. */
import type { AlertRule } from '../catalog/model.js';
import { RULE_AHEAD_MAX_MS, RULE_LATE_MAX_MS } from '../limits.js';
import { Guard } from './guard.js';
import { type GuardTable, HAS_PASSED, IS_LEVEL, IS_OPEN, PASSED_AT, ROW, TIME } from './guard-table.js';
import type { PointWatch, StoredRows } from './point-watch.js';
import type { ShownRows } from './shown-rows.js';
import type { SilenceWatch } from './silence-watch.js';
import type { Place, SourceRecord } from './state.js';
import type { Told } from './told.js';

export interface WatchedRules {
  readonly points: readonly PointWatch[];
  readonly silences: readonly SilenceWatch[];
}

/** Rules that have to be shown rows; `restless`: those only that no column alone decides for. */
export type Lookers = 'none' | 'restless' | 'all';

export class SourceWatch {
  readonly ordinal: number;
  /** The catalog's list: another one means that something has changed. */
  readonly rules: readonly AlertRule[];
  readonly points: readonly PointWatch[];
  readonly silences: readonly SilenceWatch[];
  readonly record: SourceRecord;
  /** Those that a look at their fields mostly decides for, and those that are always to look themselves. */
  readonly #guarded: readonly PointWatch[];
  readonly #restless: readonly PointWatch[];
  /** Its slots know of the last rows that all those guarded have passed; the records of those that rested do not. */
  readonly #guard: Guard;
  readonly #table: GuardTable;
  #isBehind: boolean;
  /** Nobody knows which of the points that are stored it has been shown. */
  #isLost: boolean;
  /** Time of the earliest of the points that came meanwhile; Infinity where none did. */
  #missedSince = Number.POSITIVE_INFINITY;

  constructor(
    ordinal: number,
    rules: readonly AlertRule[],
    { points, silences }: WatchedRules,
    record: SourceRecord,
    isBehind: boolean,
    table: GuardTable,
    now: number,
  ) {
    this.ordinal = ordinal;
    this.rules = rules;
    this.points = points;
    this.silences = silences;
    this.record = record;
    this.#isBehind = isBehind;
    this.#isLost = isBehind;
    this.#table = table;
    this.#guarded = points.filter(point => point.stretches !== undefined);
    this.#restless = points.filter(point => point.stretches === undefined);
    this.#guard = new Guard(table, ordinal, this.#guarded, now);
    this.#setPlace();
    this.#reopen();
  }

  /** Points that are stored are yet to be shown: until they have been, no others are. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Points from a time on came that are to be looked for in the storage. */
  fallBehind(since: number): void {
    this.#missedSince = Math.min(this.#missedSince, since);
    this.#isBehind = true;
    this.#reopen();
  }

  /** Has the rules judge rows that did not pass, as far as their columns decide: others have to be shown them. */
  judge(stored: StoredRows, now: number, told: Told): Lookers {
    const { source, values, firstRow } = stored;
    const { at } = this.#guard;
    if (this.#isBehind || !this.#areWaiting) return 'all';
    if (this.#restless.length > 0 && this.#table.isLate(at, source, values)) return 'restless';
    const last = this.#table.lastInOrder(at, source, values, firstRow);
    if (Number.isNaN(last) || last > now + RULE_AHEAD_MAX_MS) return 'all';
    const look = this.#guard.look(source, values, last, now);
    if (look === 'unknown') return 'all';
    if (look === 'someMove') this.#guard.judgeMoved(stored, now, told);
    this.#table.note(at, last, firstRow + source.rowCount - 1, now);
    return this.#restless.length === 0 ? 'none' : 'restless';
  }

  /** @param shown has at least one row, none too far ahead */
  show(shown: ShownRows, now: number, told: Told, lookers: Exclude<Lookers, 'none'> = 'all'): void {
    const { rows } = shown;
    const { record } = this;
    const last = rows.timestamp(rows.rowCount - 1);
    if (last > record.shownThrough) record.shownThrough = last;
    if (lookers === 'all') {
      this.settle();
      observeAll(this.#guarded, shown, now, told);
      this.#guard.rebind(now);
      this.#setPlace();
    }
    observeAll(this.#restless, shown, now, told);
  }

  arrived(shown: ShownRows, now: number, told: Told): void {
    this.record.arrivedAt = now;
    for (const silence of this.silences) silence.arrived(shown, now, told);
    this.#reopen();
  }

  /** Looks at the clock for rules of silence. */
  check(now: number, told: Told): void {
    this.settle();
    for (const silence of this.silences) silence.check(now, told);
    this.#reopen();
  }

  /** Brings the records up to what has passed. */
  settle(): void {
    const { at } = this.#guard;
    const { values } = this.#table;
    if (values[at + HAS_PASSED] === 0) return;
    values[at + HAS_PASSED] = 0;
    const { record } = this;
    record.shownThrough = Math.max(record.shownThrough, values[at + TIME]);
    record.arrivedAt = Math.max(record.arrivedAt, values[at + PASSED_AT]);
    this.#settlePoints(this.#guarded);
  }

  /** The source has no rules any more, or others. */
  close(): void {
    this.settle();
    this.#table.release(this.ordinal);
  }

  /**
   * It is to be shown what is stored now, in order: what comes from now on may not be among it.
   * @returns from which time on, so that each rule sees what it has not, and windows are filled
   */
  catchingUp(): number {
    const missedSince = this.#isLost ? 0 : this.#missedSince;
    this.#missedSince = Number.POSITIVE_INFINITY;
    return Math.max(missedSince, this.#unseenSince);
  }

  /** It has been shown all of it. */
  caughtUp(): void {
    for (const point of this.points) point.isFresh = false;
    this.#isLost = false;
    this.#isBehind = this.#missedSince !== Number.POSITIVE_INFINITY;
    this.#reopen();
  }

  /** It has been shown some of it. */
  lostTrack(): void {
    for (const point of this.points) point.restart();
    this.#isLost = true;
  }

  get #unseenSince(): number {
    this.settle();
    let since = Number.POSITIVE_INFINITY;
    for (const { record, lookbackMs, isFresh } of this.points) {
      // Fields that are rare leave their rules far behind, but all that came meanwhile had them not.
      const judged = Math.max(record.time, this.record.shownThrough - RULE_LATE_MAX_MS);
      since = Math.min(since, isFresh ? judged - lookbackMs : judged);
    }
    return Math.max(0, since);
  }

  /** Whether no rule of silence has anything to resolve when points come. */
  get #areWaiting(): boolean {
    return this.silences.every(({ isWaiting }) => isWaiting);
  }

  #reopen(): void {
    const isOpen = !this.#isBehind && this.#restless.length === 0 && this.#areWaiting;
    this.#table.values[this.#guard.at + IS_OPEN] = isOpen ? 1 : 0;
  }

  #settlePoints(points: readonly PointWatch[]): void {
    const { at } = this.#guard;
    const { values } = this.#table;
    for (const { record } of points) {
      record.time = values[at + TIME];
      record.row = values[at + ROW];
    }
  }

  /** Rows after it come after all that any of those guarded has judged. */
  #setPlace(): void {
    let place: Place = { time: -1, row: -1 };
    for (const { record } of this.#guarded) {
      if (record.time > place.time || (record.time === place.time && record.row > place.row)) place = record;
    }
    const { at } = this.#guard;
    const { values } = this.#table;
    values[at + TIME] = place.time;
    values[at + ROW] = place.row;
    values[at + IS_LEVEL] = this.#guarded.every(({ record }) => record.time === place.time) ? 1 : 0;
  }
}

function observeAll(points: readonly PointWatch[], shown: ShownRows, now: number, told: Told): void {
  for (let index = 0; index < points.length; index++) points[index].observe(shown, now, told);
}
