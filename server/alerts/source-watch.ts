/** The rules of one source, as they are watched. */
import type { AlertRule } from '../catalog/model.js';
import { RULE_LATE_MAX_MS } from '../limits.js';
import type { PointWatch } from './point-watch.js';
import type { ShownRows } from './shown-rows.js';
import type { SilenceWatch } from './silence-watch.js';
import type { SourceRecord } from './state.js';
import type { Told } from './told.js';

export interface WatchedRules {
  readonly points: readonly PointWatch[];
  readonly silences: readonly SilenceWatch[];
}

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

  constructor(
    ordinal: number,
    rules: readonly AlertRule[],
    watched: WatchedRules,
    record: SourceRecord,
    isBehind: boolean,
  ) {
    this.ordinal = ordinal;
    this.rules = rules;
    this.points = watched.points;
    this.silences = watched.silences;
    this.record = record;
    this.isBehind = isBehind;
  }

  /** @param shown has at least one row */
  show(shown: ShownRows, now: number, told: Told): void {
    const { rows } = shown;
    const { points, record } = this;
    const last = rows.timestamp(rows.rowCount - 1);
    if (last > record.shownThrough) record.shownThrough = last;
    for (let index = 0; index < points.length; index++) points[index].observe(shown, now, told);
  }

  arrived(shown: ShownRows, now: number, told: Told): void {
    this.record.arrivedAt = now;
    for (const silence of this.silences) silence.arrived(shown, now, told);
  }

  /** From which time on stored points are to be shown, so that each rule sees what it has not, and windows are filled. */
  get behindSince(): number {
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
}
