/** Tests of what the values of a window come to: its average, its least, how far the last is from that. */
import { assert } from '../../engine/base/assert.js';
import type { FieldType } from '../../engine/batch.js';
import type { ChangeTest, Comparison, RangeTest } from './condition.js';
import type { Evidence } from './evaluator.js';
import { ExtremeWindow } from './extreme-window.js';
import { fillVerdicts, type NumberTest, numberTestOf, possibleVerdicts, verdictOf } from './number-test.js';
import type { Part } from './part.js';
import type { SourceRows } from './source-rows.js';
import { SumWindow } from './sum-window.js';
import { SILENT } from './verdicts.js';

type Figure = 'avg' | 'sum' | 'count';

/** A window that says of each point what is tested there: NaN where the row has no value. */
interface Measure {
  measure(rows: SourceRows, column: number, from: number, into: Float64Array): void;
}

export class WindowPart implements Part {
  readonly lookbackMs: number;
  readonly #part: Comparison | RangeTest | ChangeTest;
  readonly #test: NumberTest;
  /** Whatever it is, its values can be counted. */
  readonly #type: FieldType | undefined;
  readonly #measure: Measure;
  readonly #scratch: number;
  #measured: Float64Array = new Float64Array(0);
  #lastTime = -Infinity;

  /** @param scratch differs between the parts of a condition */
  constructor(part: Comparison | RangeTest | ChangeTest, scratch: number) {
    assert(part.windowSeconds !== undefined, 'a window has a length');
    this.lookbackMs = part.windowSeconds * 1_000;
    this.#part = part;
    this.#scratch = scratch;
    this.#test = numberTestOf(part);
    if ('comparator' in part) {
      this.#type = 'number';
      this.#measure = new Change(this.lookbackMs, part.operator === 'rises' ? 1 : -1);
    } else {
      assert(part.aggregation !== undefined, 'a window has an aggregation');
      this.#type = part.aggregation === 'count' ? undefined : 'number';
      this.#measure =
        part.aggregation === 'min' || part.aggregation === 'max'
          ? new Extreme(this.lookbackMs, part.aggregation)
          : new Sum(this.lookbackMs, part.aggregation);
    }
  }

  observe(rows: SourceRows, from: number): number {
    const { rowCount } = rows;
    const measured = measuredColumn(this.#scratch, rowCount);
    this.#measured = measured;
    if (from === rowCount) return 0;
    const index = rows.indexOf(this.#part.field, this.#type);
    if (index < 0) {
      measured.fill(Number.NaN, from, rowCount);
      return SILENT;
    }
    this.#measure.measure(rows, rows.columnAt(index), from, measured);
    let low = Infinity;
    let high = -Infinity;
    let isWhole = true;
    for (let row = from; row < rowCount; row++) {
      const value = measured[row];
      if (value < low) low = value;
      if (value > high) high = value;
      if (Number.isNaN(value)) {
        isWhole = false;
        continue;
      }
      // Those without a value may be later than what is still to come: fields arrive apart.
      const time = rows.timestamp(row);
      assert(time >= this.#lastTime, 'values are observed in order of time');
      this.#lastTime = time;
    }
    return possibleVerdicts(this.#test, low, high, isWhole);
  }

  fill(rows: SourceRows, from: number, into: Uint8Array): void {
    fillVerdicts(this.#test, this.#measured, 0, from, rows.rowCount, into);
  }

  verdictAt(_: SourceRows, row: number): number {
    return verdictOf(this.#test, this.#measured[row]);
  }

  evidenceAt(_: SourceRows, row: number): Evidence {
    return { part: this.#part, value: this.#measured[row] };
  }
}

/** Of points after `time - windowMs` up to `time`: five readings a minute apart are the last five minutes. */
class Sum implements Measure {
  readonly #window: SumWindow;
  readonly #figure: Figure;

  constructor(windowMs: number, figure: Figure) {
    this.#window = new SumWindow(windowMs);
    this.#figure = figure;
  }

  measure(rows: SourceRows, column: number, from: number, into: Float64Array): void {
    const { values, timesAt, rowCount } = rows;
    const window = this.#window;
    const figure = this.#figure;
    for (let row = from; row < rowCount; row++) {
      const value = values[column + row];
      if (Number.isNaN(value)) into[row] = Number.NaN;
      else {
        window.push(values[timesAt + row], value);
        if (figure === 'count') into[row] = window.count;
        else into[row] = figure === 'sum' ? window.sum : window.sum / window.count;
      }
    }
  }
}

class Extreme implements Measure {
  readonly #window: ExtremeWindow;

  constructor(windowMs: number, extreme: 'min' | 'max') {
    this.#window = new ExtremeWindow(windowMs, extreme);
  }

  measure(rows: SourceRows, column: number, from: number, into: Float64Array): void {
    const { values, timesAt, rowCount } = rows;
    const window = this.#window;
    for (let row = from; row < rowCount; row++) {
      const value = values[column + row];
      if (Number.isNaN(value)) into[row] = Number.NaN;
      else {
        window.push(values[timesAt + row], value);
        into[row] = window.extreme;
      }
    }
  }
}

/** Also from a point exactly `windowMs` before: from twelve to ten past is in ten minutes. */
class Change implements Measure {
  readonly #extreme: Extreme;
  readonly #direction: 1 | -1;

  /** @param direction 1 measures how far a value is above the lowest, -1 how far below the highest. */
  constructor(windowMs: number, direction: 1 | -1) {
    this.#extreme = new Extreme(windowMs + 1, direction === 1 ? 'min' : 'max');
    this.#direction = direction;
  }

  measure(rows: SourceRows, column: number, from: number, into: Float64Array): void {
    this.#extreme.measure(rows, column, from, into);
    const { values, rowCount } = rows;
    for (let row = from; row < rowCount; row++) {
      const value = values[column + row];
      const extreme = into[row];
      // From an infinite value to the same there is no way.
      into[row] = value === extreme ? 0 : this.#direction * (value - extreme);
    }
  }
}

/** Rows for which memory is kept from batch to batch. */
const KEPT_ROWS_MAX = 16_384;

/** What is measured is looked at before the next condition observes: all conditions share the memory. */
const measuredColumns: Float64Array[] = [];

function measuredColumn(scratch: number, rowCount: number): Float64Array {
  const kept = measuredColumns[scratch];
  if (kept !== undefined && rowCount <= kept.length && kept.length <= KEPT_ROWS_MAX) return kept;
  const column = new Float64Array(Math.max(rowCount, Math.min(2 * rowCount, KEPT_ROWS_MAX)));
  measuredColumns[scratch] = column;
  return column;
}
