/** A part of a compiled condition: an evaluator that is told each time which rows are meant. */
import type { Evidence } from './evaluator.js';
import type { SourceRows } from './source-rows.js';

export interface Part {
  readonly lookbackMs: number;
  /** As of `Evaluator`. */
  observe(rows: SourceRows, from: number): number;
  /** Verdicts of the rows from `from` on, which have been observed. */
  fill(rows: SourceRows, from: number, into: Uint8Array): void;
  verdictAt(rows: SourceRows, row: number): number;
  evidenceAt(rows: SourceRows, row: number): Evidence;
}
