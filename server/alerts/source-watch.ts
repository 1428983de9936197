/** The rules of one source, as they are watched. */
import type { PackedSource } from '../../engine/batch.js';
import type { AlertRule } from '../catalog/model.js';
import { RULE_AHEAD_MAX_MS, RULE_LATE_MAX_MS } from '../limits.js';
import { Guard } from './guard.js';
import type { PointWatch } from './point-watch.js';
import type { ShownRows } from './shown-rows.js';
import type { SilenceWatch } from './silence-watch.js';
import type { Place, SourceRecord } from './state.js';
import type { Told } from './told.js';

export interface WatchedRules {
  readonly points: readonly PointWatch[];
  readonly silences: readonly SilenceWatch[];
}

/** `restless`: those only that the fields do not decide for. */
export type Lookers = 'none' | 'restless' | 'all';

export class SourceWatch {
  readonly ordinal: number;
  /** The catalog's list: another one means that something has changed. */
  readonly rules: readonly AlertRule[];
  readonly points: readonly PointWatch[];
  readonly silences: readonly SilenceWatch[];
  readonly record: SourceRecord;
  /** Points that are stored are yet to be shown: until they have been, no others are. */
  isBehind: boolean;
  /** Points came meanwhile. */
  hasMissed = false;
  /** Those that a look at the fields decides for, and those that are to look themselves. */
  #guarded: PointWatch[] = [];
  #restless: PointWatch[] = [];
  #guard = new Guard([]);
  /** The last row that the guard has let pass; the records of those guarded do not know of it while `#hasPassed`. */
  #time = -1;
  #row = -1;
  #hasPassed = false;

  constructor(
    ordinal: number,
    rules: readonly AlertRule[],
    { points, silences }: WatchedRules,
    record: SourceRecord,
    isBehind: boolean,
  ) {
    this.ordinal = ordinal;
    this.rules = rules;
    this.points = points;
    this.silences = silences;
    this.record = record;
    this.isBehind = isBehind;
    this.#setGuard();
  }

  /** Which rules have to be shown rows that were stored; where none has, the rows are noted. */
  look(source: PackedSource, values: Float64Array, firstRow: number, now: number): Lookers {
    if (this.isBehind) return 'all';
    if (this.silences.length > 0) {
      this.record.arrivedAt = now;
      for (const { isWaiting } of this.silences) if (!isWaiting) return 'all';
    }
    if (!this.#passes(source, values, firstRow, now)) return 'all';
    return this.#restless.length === 0 ? 'none' : 'restless';
  }

  /** @param shown has at least one row, none too far ahead */
  show(shown: ShownRows, now: number, told: Told, lookers: Exclude<Lookers, 'none'> = 'all'): void {
    const { rows } = shown;
    const { record } = this;
    if (lookers === 'all') this.settle();
    const last = rows.timestamp(rows.rowCount - 1);
    if (last > record.shownThrough) record.shownThrough = last;
    let hasChanged = false;
    const points = lookers === 'all' ? this.points : this.#restless;
    for (let index = 0; index < points.length; index++) {
      if (points[index].observe(shown, now, told)) hasChanged = true;
    }
    if (hasChanged) this.#setGuard();
    else if (lookers === 'all') this.#setPlace();
  }

  arrived(shown: ShownRows, now: number, told: Told): void {
    this.record.arrivedAt = now;
    for (const silence of this.silences) silence.arrived(shown, now, told);
  }

  /** Brings the records up to what has passed. */
  settle(): void {
    if (!this.#hasPassed) return;
    this.#hasPassed = false;
    this.record.shownThrough = Math.max(this.record.shownThrough, this.#time);
    for (const { record } of this.#guarded) {
      record.time = this.#time;
      record.row = this.#row;
    }
  }

  /** From which time on stored points are to be shown, so that each rule sees what it has not, and windows are filled. */
  get behindSince(): number {
    this.settle();
    let since = Number.POSITIVE_INFINITY;
    for (const { record, lookbackMs, isFresh } of this.points) {
      // Fields that are rare leave their rules far behind, but all that came meanwhile had them not.
      const judged = Math.max(record.time, this.record.shownThrough - RULE_LATE_MAX_MS);
      since = Math.min(since, isFresh ? judged - lookbackMs : judged);
    }
    return Math.max(0, since);
  }

  caughtUp(): void {
    for (const point of this.points) point.isFresh = false;
    this.isBehind = this.hasMissed;
  }

  #passes(source: PackedSource, values: Float64Array, firstRow: number, now: number): boolean {
    const { offset, rowCount } = source;
    if (values[offset] === this.#time && firstRow <= this.#row) return false;
    let time = this.#time;
    for (let at = offset; at < offset + rowCount; at++) {
      if (values[at] < time) return false;
      time = values[at];
    }
    if (time > now + RULE_AHEAD_MAX_MS || !this.#guard.holds(source, values)) return false;
    this.#time = time;
    this.#row = firstRow + rowCount - 1;
    this.#hasPassed = true;
    return true;
  }

  #setGuard(): void {
    this.settle();
    this.#guarded = this.points.filter(point => point.quiet !== undefined);
    this.#restless = this.points.filter(point => point.quiet === undefined);
    this.#guard = new Guard(this.#guarded.map(point => point.quiet!));
    this.#setPlace();
  }

  /** Rows after it come after all that any of those guarded has judged. */
  #setPlace(): void {
    let place: Place = { time: -1, row: -1 };
    for (const { record } of this.#guarded) {
      if (record.time > place.time || (record.time === place.time && record.row > place.row)) place = record;
    }
    this.#time = place.time;
    this.#row = place.row;
  }
}
