/** A rule that looks at points. */
import { MINUTE_MS } from '../../engine/base/time.js';
import type { PackedSource } from '../../engine/batch.js';
import type { AlertRule } from '../catalog/model.js';
import type { Comparison, PointCondition, RangeTest } from './condition.js';
import { compileCondition } from './evaluate.js';
import type { Evaluator } from './evaluator.js';
import { fieldsOf } from './fields.js';
import { type Stretches, stretchesOf } from './guard.js';
import { step, type Terms, type TransitionKind, termsOf, transitionBetween } from './machine.js';
import type { ShownRows } from './shown-rows.js';
import type { SourceRows } from './source-rows.js';
import type { RuleRecord } from './state.js';
import type { Told } from './told.js';
import { MET, SILENT, UNMET } from './verdicts.js';

/** Rows of one source of a batch that was stored, in order, after all that were before. */
export interface StoredRows {
  readonly source: PackedSource;
  readonly values: Float64Array;
  readonly firstRow: number;
  /** Where whoever is told finds the whole of a point. */
  readonly shown: ShownRows;
}

export class PointWatch {
  readonly rule: AlertRule;
  readonly record: RuleRecord;
  /** Its windows are not what the points before make of them: they are to be shown to it. */
  isFresh: boolean;
  /** Undefined where it must look itself. */
  readonly stretches: Stretches | undefined;
  readonly #condition: PointCondition;
  #evaluator: Evaluator;
  readonly #fields: readonly string[];
  readonly #terms: Terms;

  constructor(rule: AlertRule, condition: PointCondition, record: RuleRecord) {
    this.rule = rule;
    this.record = record;
    this.#condition = condition;
    this.#evaluator = compileCondition(condition);
    this.#fields = fieldsOf(condition);
    this.#terms = termsOf(condition, rule.cooldownMinutes * MINUTE_MS);
    this.isFresh = this.lookbackMs > 0;
    this.stretches = stretchesOf(condition);
  }

  get durationMs(): number {
    return this.#terms.durationMs;
  }

  get lookbackMs(): number {
    return this.#evaluator.lookbackMs;
  }

  /** Its windows, which have been shown only some of the points before, begin anew. */
  restart(): void {
    this.#evaluator = compileCondition(this.#condition);
    this.isFresh = this.lookbackMs > 0;
  }

  /**
   * Judges the rows that come after all it has judged before; those that come late it leaves out.
   * @param now by the clock
   */
  observe(shown: ShownRows, now: number, told: Told): void {
    const { rows } = shown;
    const { record } = this;
    const from = shown.firstAfter(record);
    const last = this.#lastOfFields(rows);
    // The rows of a window that is built anew have been judged before, but it has not seen them.
    if (last < (this.isFresh ? 0 : from)) return;
    const verdicts = this.#evaluator.observe(rows, this.isFresh ? 0 : from);
    if (last < from) return;
    record.time = rows.timestamp(last);
    record.row = shown.numberOf(last);
    const { phase } = record.machine;
    if (phase === 'ok' ? (verdicts & MET) === 0 : phase === 'firing' && (verdicts & UNMET) === 0) return;
    this.#judge(shown, from, now, told);
  }

  /** Judges rows of which each has its field, and which it has stretches of, from the column itself. */
  judgeColumn(stored: StoredRows, column: number, now: number, told: Told): void {
    const { source, values } = stored;
    const { offset, rowCount } = source;
    const { met, unmet } = this.stretches!;
    // One of them is all that there is of its kind.
    const isMetWithin = met.low <= met.high;
    const { low, high } = isMetWithin ? met : unmet;
    const from = offset + (column + 1) * rowCount;
    const { record } = this;
    for (let row = 0; row < rowCount; row++) {
      const value = values[from + row];
      const isMet = (value >= low && value <= high) === isMetWithin;
      const before = record.machine;
      const after = step(before, isMet, values[offset + row], now, this.#terms);
      if (after === before) continue;
      record.machine = after;
      const kind = transitionBetween(before, after);
      if (kind !== undefined) this.#tell(stored, kind, { row, value, now, told });
    }
    record.time = values[offset + rowCount - 1];
    record.row = stored.firstRow + rowCount - 1;
  }

  #tell(
    stored: StoredRows,
    kind: TransitionKind,
    at: { row: number; value: number; now: number; told: Told },
  ): void {
    const { source, values, firstRow, shown } = stored;
    const { row, value, now, told } = at;
    const evidence = {
      part: this.#condition as Comparison | RangeTest,
      value: this.stretches?.type === 'boolean' ? value === 1 : value,
    };
    const point = () => {
      shown.setBatch(source, values, firstRow);
      return shown.pointAt(row);
    };
    told.add(this.rule, this.record, { kind, at: now, time: values[source.offset + row], evidence, point });
  }

  #judge(shown: ShownRows, from: number, now: number, told: Told): void {
    const { rows } = shown;
    const verdicts = this.#evaluator.verdicts();
    for (let row = from; row < rows.rowCount; row++) {
      if (verdicts[row] === SILENT) continue;
      const before = this.record.machine;
      const time = rows.timestamp(row);
      // Those read again may have met it within a cooldown that is over by now.
      const clock = shown.areReadAgain ? Math.min(now, time) : now;
      const after = step(before, verdicts[row] === MET, time, clock, this.#terms);
      if (after === before) continue;
      this.record.machine = after;
      const kind = transitionBetween(before, after);
      if (kind === undefined) continue;
      const evidence = this.#evaluator.evidenceAt(row);
      told.add(this.rule, this.record, { kind, at: now, time, evidence, point: () => shown.pointAt(row) });
    }
  }

  /** Position of the last row that has one of the fields; -1 where none has. */
  #lastOfFields(rows: SourceRows): number {
    let last = -1;
    for (const field of this.#fields) {
      const column = rows.indexOf(field, undefined);
      if (column < 0) continue;
      if (rows.isWhole(column)) return rows.rowCount - 1;
      const at = rows.columnAt(column);
      let row = rows.rowCount - 1;
      while (row > last && Number.isNaN(rows.values[at + row])) row--;
      last = row;
    }
    return last;
  }
}
