/** Conditions, compiled into what judges rows. */
import { assert } from '../../engine/base/assert.js';
import { NumberPart, TextPart } from './column-part.js';
import { CombinedPart } from './combined-part.js';
import type { Comparison, PointCondition, RangeTest } from './condition.js';
import type { Evaluator, Evidence } from './evaluator.js';
import type { Part } from './part.js';
import type { SourceRows } from './source-rows.js';
import { WindowPart } from './window-part.js';

/** A new evaluator, which has seen no row. */
export function compileCondition(condition: PointCondition): Evaluator {
  let windows = 0;
  const partOf = (part: PointCondition): Part => {
    if ('conditions' in part) return new CombinedPart(part.operator, part.conditions.map(partOf));
    if ('comparator' in part) return new WindowPart(part, windows++);
    if (part.aggregation !== undefined) return new WindowPart(part, windows++);
    return isOfText(part) ? new TextPart(part) : new NumberPart(part);
  };
  return new CompiledCondition(partOf(condition));
}

function isOfText(part: Comparison | RangeTest): part is Comparison & { readonly value: string } {
  return 'value' in part && typeof part.value === 'string';
}

/** Observations of all evaluators: the last one's verdicts and measured values are in memory that they share. */
let observations = 0;
let verdicts = new Uint8Array(1_024);
/** Verdicts for which memory is kept from batch to batch. */
const KEPT_VERDICTS_MAX = 65_536;

class CompiledCondition implements Evaluator {
  readonly lookbackMs: number;
  readonly #part: Part;
  #rows: SourceRows | undefined;
  #from = 0;
  #observation = -1;

  constructor(part: Part) {
    this.#part = part;
    this.lookbackMs = part.lookbackMs;
  }

  observe(rows: SourceRows, from: number): number {
    this.#observation = ++observations;
    this.#rows = rows;
    this.#from = from;
    return this.#part.observe(rows, from);
  }

  verdicts(): Uint8Array {
    const rows = this.#observed();
    const isTooLarge = verdicts.length > KEPT_VERDICTS_MAX && rows.rowCount <= KEPT_VERDICTS_MAX;
    if (verdicts.length < rows.rowCount || isTooLarge) verdicts = new Uint8Array(2 * rows.rowCount);
    this.#part.fill(rows, this.#from, verdicts);
    return verdicts;
  }

  evidenceAt(row: number): Evidence {
    return this.#part.evidenceAt(this.#observed(), row);
  }

  #observed(): SourceRows {
    assert(this.#rows !== undefined && this.#observation === observations, 'verdicts are of the last rows');
    return this.#rows;
  }
}
