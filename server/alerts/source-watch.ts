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

/** `restless`: those only that no look at the fields decides for; `some`: those too that the last look found to move. */
export type Lookers = 'none' | 'restless' | 'some' | 'all';

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
  /** Those that a look at their fields mostly decides for, and those that are always to look themselves. */
  readonly #guarded: readonly PointWatch[];
  readonly #restless: readonly PointWatch[];
  readonly #guard: Guard;
  /** The last row that all those guarded have passed; the records of those that rested do not know of it. */
  #time = -1;
  #row = -1;
  #hasPassed = false;

  constructor(
    ordinal: number,
    rules: readonly AlertRule[],
    { points, silences }: WatchedRules,
    record: SourceRecord,
    isBehind: boolean,
    now: number,
  ) {
    this.ordinal = ordinal;
    this.rules = rules;
    this.points = points;
    this.silences = silences;
    this.record = record;
    this.isBehind = isBehind;
    this.#guarded = points.filter(point => point.stretches !== undefined);
    this.#restless = points.filter(point => point.stretches === undefined);
    this.#guard = new Guard(this.#guarded, now);
    this.#setPlace();
  }

  /** Which rules have to be shown rows that were stored; where none has, the rows are noted. */
  look(source: PackedSource, values: Float64Array, firstRow: number, now: number): Lookers {
    if (this.isBehind) return 'all';
    if (this.silences.length > 0) {
      this.record.arrivedAt = now;
      for (const { isWaiting } of this.silences) if (!isWaiting) return 'all';
    }
    const last = this.#lastInOrder(source, values, firstRow);
    if (Number.isNaN(last) || last > now + RULE_AHEAD_MAX_MS) return 'all';
    const look = this.#guard.look(source, values, last, now);
    if (look === 'unknown') return 'all';
    if (look === 'someMove') this.#settleMoved();
    this.#time = last;
    this.#row = firstRow + source.rowCount - 1;
    this.#hasPassed = true;
    return look === 'allRest' && this.#restless.length === 0
      ? 'none'
      : look === 'allRest'
        ? 'restless'
        : 'some';
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
    } else if (lookers === 'some') {
      let hasChanged = false;
      for (let index = 0; index < this.#guard.movedCount; index++) {
        if (observeAll(this.#guard.moved(index), shown, now, told)) hasChanged = true;
      }
      if (hasChanged) this.#guard.rebindMoved(now);
    }
    observeAll(this.#restless, shown, now, told);
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
    this.#settlePoints(this.#guarded);
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

  /** Time of the last of rows that are in order and come after all before; NaN where they are not or do not. */
  #lastInOrder({ offset, rowCount }: PackedSource, values: Float64Array, firstRow: number): number {
    if (values[offset] === this.#time && firstRow <= this.#row) return Number.NaN;
    let time = this.#time;
    for (let at = offset; at < offset + rowCount; at++) {
      if (values[at] < time) return Number.NaN;
      time = values[at];
    }
    return time;
  }

  /** Those that are about to look know how far they are; the others need not. */
  #settleMoved(): void {
    if (!this.#hasPassed) return;
    for (let index = 0; index < this.#guard.movedCount; index++) this.#settlePoints(this.#guard.moved(index));
  }

  #settlePoints(points: readonly PointWatch[]): void {
    for (const { record } of points) {
      record.time = this.#time;
      record.row = this.#row;
    }
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

/** @returns whether the machine of one is another after it */
function observeAll(points: readonly PointWatch[], shown: ShownRows, now: number, told: Told): boolean {
  let hasChanged = false;
  for (let index = 0; index < points.length; index++) {
    if (points[index].observe(shown, now, told)) hasChanged = true;
  }
  return hasChanged;
}
