/** Tests of a field's own values: nothing is kept from batch to batch but where the column is. */
import type { Layout } from '../../engine/batch.js';
import type { Comparison, RangeTest } from './condition.js';
import type { Evidence } from './evaluator.js';
import {
  equalityTest,
  fillVerdicts,
  type NumberTest,
  numberTestOf,
  possibleVerdicts,
  verdictOf,
} from './number-test.js';
import type { Part } from './part.js';
import type { SourceRows } from './source-rows.js';
import { MET, SILENT, UNMET } from './verdicts.js';

/** Numbers and booleans. */
export class NumberPart implements Part {
  readonly lookbackMs = 0;
  readonly #part: Comparison | RangeTest;
  readonly #test: NumberTest;
  readonly #type: 'number' | 'boolean';
  #layout: Layout | undefined;
  #index = -1;

  constructor(part: Comparison | RangeTest) {
    this.#part = part;
    this.#test = numberTestOf(part);
    this.#type = 'value' in part && typeof part.value === 'boolean' ? 'boolean' : 'number';
  }

  observe(rows: SourceRows): number {
    if (rows.layout !== this.#layout) {
      this.#layout = rows.layout;
      this.#index = rows.indexOf(this.#part.field, this.#type);
    }
    const index = this.#index;
    if (index < 0) return SILENT;
    return possibleVerdicts(this.#test, rows.low(index), rows.high(index), rows.isWhole(index));
  }

  fill(rows: SourceRows, from: number, into: Uint8Array): void {
    if (this.#index < 0) into.fill(SILENT, from, rows.rowCount);
    else fillVerdicts(this.#test, rows.values, rows.columnAt(this.#index), from, rows.rowCount, into);
  }

  verdictAt(rows: SourceRows, row: number): number {
    return this.#index < 0 ? SILENT : verdictOf(this.#test, this.#valueAt(rows, row));
  }

  evidenceAt(rows: SourceRows, row: number): Evidence {
    const value = this.#valueAt(rows, row);
    return { part: this.#part, value: this.#type === 'boolean' ? value === 1 : value };
  }

  #valueAt(rows: SourceRows, row: number): number {
    return rows.values[rows.columnAt(this.#index) + row];
  }
}

/** Texts: those of a batch are in a dictionary, so that one look decides where it does not have the one meant. */
export class TextPart implements Part {
  readonly lookbackMs = 0;
  readonly #part: Comparison;
  readonly #text: string;
  readonly #isEqual: boolean;
  #index = -1;
  /** Of the text among those of the rows observed; -1 where it is not there. */
  #position = -1;

  constructor(part: Comparison & { readonly value: string }) {
    this.#part = part;
    this.#text = part.value;
    this.#isEqual = part.operator === 'eq';
  }

  observe(rows: SourceRows): number {
    this.#index = rows.indexOf(this.#part.field, 'string');
    if (this.#index < 0) return SILENT;
    this.#position = rows.dictionary(this.#index).indexOf(this.#text);
    if (this.#position >= 0) return MET | UNMET | SILENT;
    return (this.#isEqual ? UNMET : MET) | SILENT;
  }

  fill(rows: SourceRows, from: number, into: Uint8Array): void {
    if (this.#index < 0) into.fill(SILENT, from, rows.rowCount);
    else fillVerdicts(this.#test, rows.values, rows.columnAt(this.#index), from, rows.rowCount, into);
  }

  verdictAt(rows: SourceRows, row: number): number {
    return this.#index < 0 ? SILENT : verdictOf(this.#test, this.#valueAt(rows, row));
  }

  evidenceAt(rows: SourceRows, row: number): Evidence {
    return { part: this.#part, value: rows.dictionary(this.#index)[this.#valueAt(rows, row)] };
  }

  get #test(): NumberTest {
    return equalityTest(this.#isEqual ? 'eq' : 'ne', this.#position);
  }

  #valueAt(rows: SourceRows, row: number): number {
    return rows.values[rows.columnAt(this.#index) + row];
  }
}
