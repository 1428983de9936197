/** What judges rows by a condition: the seam between the kernel and the state of rules. */
import type { ChangeTest, Comparison, RangeTest } from './condition.js';
import type { SourceRows } from './source-rows.js';

/** What made a condition be met at a row, or kept it from being. */
export interface Evidence {
  readonly part: Comparison | RangeTest | ChangeTest;
  /** Of the field; with an aggregation that, and of a change the change (of one that falls, how far). */
  readonly value: number | string | boolean;
}

/**
 * Judges the rows of one source, in the order of their times. It keeps the windows of the condition's aggregations
 * and changes, so that a rule has its own, and whoever begins in the middle feeds it the rows of the last `lookbackMs`
 * before, without looking at the verdicts.
 */
export interface Evaluator {
  /** Of the longest window; 0 where the condition has none. */
  readonly lookbackMs: number;

  /**
   * Takes the rows from `from` on, none that has a field of it earlier than any that had, and says which verdicts there can be:
   * bits of `UNMET`, `MET`, `SILENT`. Rows before `from` are left out: those come late.
   * Mostly it has not looked at a row: bounds of a column decide for all.
   */
  observe(rows: SourceRows, from: number): number;

  /** The verdict of each row that was observed, by its position; until any evaluator observes again. */
  verdicts(): Uint8Array;

  /** Of a row that has a verdict other than `SILENT`; until any evaluator observes again. */
  evidenceAt(row: number): Evidence;
}
