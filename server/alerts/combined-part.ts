/** Several conditions of the same row, of which all or any are to be met. */
import type { Evidence } from './evaluator.js';
import type { Part } from './part.js';
import type { SourceRows } from './source-rows.js';
import { both, combinedSets, either } from './verdicts.js';

export class CombinedPart implements Part {
  readonly lookbackMs: number;
  readonly #parts: readonly Part[];
  readonly #combine: typeof both;

  constructor(operator: 'and' | 'or', parts: readonly Part[]) {
    this.#parts = parts;
    this.#combine = operator === 'and' ? both : either;
    this.lookbackMs = Math.max(...parts.map(({ lookbackMs }) => lookbackMs));
  }

  observe(rows: SourceRows, from: number): number {
    // Each observes, whatever the others say: their windows move on.
    let possible = this.#parts[0].observe(rows, from);
    for (let at = 1; at < this.#parts.length; at++) {
      possible = combinedSets(this.#combine, possible, this.#parts[at].observe(rows, from));
    }
    return possible;
  }

  fill(rows: SourceRows, from: number, into: Uint8Array): void {
    const combine = this.#combine;
    const verdicts = new Uint8Array(rows.rowCount);
    this.#parts[0].fill(rows, from, into);
    for (let at = 1; at < this.#parts.length; at++) {
      this.#parts[at].fill(rows, from, verdicts);
      for (let row = from; row < rows.rowCount; row++) into[row] = combine(into[row], verdicts[row]);
    }
  }

  verdictAt(rows: SourceRows, row: number): number {
    let verdict = this.#parts[0].verdictAt(rows, row);
    for (let at = 1; at < this.#parts.length; at++) {
      verdict = this.#combine(verdict, this.#parts[at].verdictAt(rows, row));
    }
    return verdict;
  }

  /** Of the first part that says what the whole does. */
  evidenceAt(rows: SourceRows, row: number): Evidence {
    const verdict = this.verdictAt(rows, row);
    const decisive = this.#parts.find(part => part.verdictAt(rows, row) === verdict) ?? this.#parts[0];
    return decisive.evidenceAt(rows, row);
  }
}
