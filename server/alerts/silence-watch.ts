/** A rule that waits for points that do not come. */
import { MINUTE_MS, SECOND_MS } from '../../engine/base/time.js';
import type { AlertRule } from '../catalog/model.js';
import { SILENCE_GRACE_MAX_MS } from '../limits.js';
import type { NoData } from './condition.js';
import { step, type Terms, termsOf, transitionBetween } from './machine.js';
import type { ShownRows } from './shown-rows.js';
import type { RuleRecord, SourceRecord } from './state.js';
import type { Told } from './told.js';

export class SilenceWatch {
  readonly rule: AlertRule;
  readonly record: RuleRecord;
  readonly #source: SourceRecord;
  readonly #durationMs: number;
  readonly #terms: Terms;
  /** After a start. */
  readonly #graceUntil: number;

  /** @param openedAt when the server began to listen, by the clock */
  constructor(
    rule: AlertRule,
    condition: NoData,
    record: RuleRecord,
    source: SourceRecord,
    openedAt: number,
  ) {
    this.rule = rule;
    this.record = record;
    this.#source = source;
    this.#durationMs = condition.durationSeconds * SECOND_MS;
    this.#terms = termsOf(condition, rule.cooldownMinutes * MINUTE_MS);
    this.#graceUntil = openedAt + Math.min(SILENCE_GRACE_MAX_MS, this.#durationMs);
  }

  /** Whether it has nothing to resolve when points come. */
  get isWaiting(): boolean {
    return this.record.machine.phase === 'ok';
  }

  /** Looks at the clock. */
  check(now: number, told: Told): void {
    const since = Math.max(this.record.startedAt, this.#source.arrivedAt);
    const isSilent = now - since >= this.#durationMs && now >= this.#graceUntil;
    if (isSilent) this.#step(true, now, undefined, told);
  }

  /** Points have come. */
  arrived(shown: ShownRows, now: number, told: Told): void {
    if (!this.isWaiting) this.#step(false, now, shown, told);
  }

  #step(isMet: boolean, now: number, shown: ShownRows | undefined, told: Told): void {
    const { record, rule } = this;
    const before = record.machine;
    record.machine = step(before, isMet, now, now, this.#terms);
    const kind = transitionBetween(before, record.machine);
    if (kind === undefined) return;
    const last = (shown?.rows.rowCount ?? 0) - 1;
    const time = shown === undefined ? null : shown.rows.timestamp(last);
    const point = shown === undefined ? null : () => shown.pointAt(last);
    told.add(rule, record, { kind, at: now, time, evidence: null, point });
  }
}
