/**
 * Makes the figures of one column for all levels of a source, in one pass over its values: rows are folded into the
 * windows of the finest level, and those into the coarser ones. No more than a chunk of windows a level is in memory.
 */
import type { FieldType } from '../batch.js';
import type { Figures } from './figures.js';
import { WindowFold } from './fold.js';
import { CHUNK_WINDOWS_MAX, LEVEL_WIDTHS_MS } from './levels.js';
import { sliceWindows, takeWindows, type Windows } from './windows.js';

/** A level of a source: the code of its width, all its windows, and room to fold the values of a column at a time. */
export interface RollupLevel {
  readonly code: number;
  readonly windows: Windows;
  readonly fold: WindowFold;
}

/** The windows of some levels, finest first, that rows in order of time fall into. */
export function rollupLevels(
  keys: Keys,
  codes: readonly number[],
  windowCounts: ArrayLike<number>,
): RollupLevel[] {
  const windows = takeWindows(
    keys(),
    codes,
    codes.map(code => windowCounts[code]),
  );
  return codes.map((code, level) => ({
    code,
    windows: windows[level],
    fold: new WindowFold(windows[level].starts.length),
  }));
}

/** Takes the figures of a chunk, which are valid until it returns; chunks of a level come in order, `level` is its place among the source's levels. */
export type TakeFigures = (level: number, figures: Figures, windows: Windows) => void;

/** Times of rows by their position in the source, in chunks from the first on. */
export type Keys = () => Iterable<{ readonly timestamps: Float64Array }>;

export class ColumnRollup {
  readonly #finest: FinestLevel;

  /** `levels` are finest first, at least one, and serve one column at a time; `keys` is asked only for columns that some row has no value of. */
  constructor(type: FieldType, levels: readonly RollupLevel[], keys: Keys, take: TakeFigures) {
    let coarser: CoarserLevel | undefined;
    for (let level = levels.length - 1; level > 0; level--) {
      coarser = new CoarserLevel(type, levels[level], coarser, (figures, windows) =>
        take(level, figures, windows),
      );
    }
    this.#finest = new FinestLevel(type, levels[0], keys, coarser, (figures, windows) =>
      take(0, figures, windows),
    );
  }

  /** The next rows' values. */
  add(values: Float64Array, dictionary: readonly string[] | undefined): void {
    this.#finest.add(values, dictionary);
  }

  /** Gives the last chunks; all rows have been added. */
  finish(): void {
    this.#finest.finish();
  }
}

type TakeChunk = (figures: Figures, windows: Windows) => void;

class FinestLevel {
  readonly #type: FieldType;
  readonly #windows: Windows;
  readonly #times: AscendingTimes;
  readonly #coarser: CoarserLevel | undefined;
  readonly #take: TakeChunk;
  readonly #fold: WindowFold;
  /** Windows of the chunks before. */
  #before = 0;
  /** Window of the chunk that the next row belongs to, and rows it still gets. */
  #window = 0;
  #rowsLeft: number;
  #rows = 0;

  constructor(
    type: FieldType,
    { windows, fold }: RollupLevel,
    keys: Keys,
    coarser: CoarserLevel | undefined,
    take: TakeChunk,
  ) {
    this.#type = type;
    this.#windows = windows;
    this.#times = new AscendingTimes(keys);
    this.#coarser = coarser;
    this.#take = take;
    this.#fold = fold;
    fold.clear();
    this.#rowsLeft = windows.rowCounts[0];
  }

  add(values: Float64Array, dictionary: readonly string[] | undefined): void {
    for (let from = 0; from < values.length; ) {
      const to = Math.min(values.length, from + this.#rowsLeft);
      this.#fold.add(this.#window, values, from, to, this.#rows, dictionary);
      this.#rowsLeft -= to - from;
      from = to;
      if (this.#rowsLeft === 0) this.#next();
    }
    this.#rows += values.length;
  }

  finish(): void {
    if (this.#window > 0) this.#complete();
    this.#coarser?.finish();
  }

  #next(): void {
    this.#window++;
    if (this.#window === CHUNK_WINDOWS_MAX) this.#complete();
    this.#rowsLeft = this.#windows.rowCounts[this.#before + this.#window];
  }

  #complete(): void {
    const windows = sliceWindows(this.#windows, this.#before, this.#before + this.#window);
    const fold = this.#fold;
    const isFull = everyRowHasValue(fold, windows);
    if (isFull) {
      fold.firstAt.set(windows.firstTimes);
      fold.lastAt.set(windows.lastTimes);
    } else this.#times.replacePositions(fold.firstAt, fold.lastAt, this.#window);
    this.#take(figuresOf(fold, this.#type, windows, isFull), windows);
    this.#coarser?.add(fold, windows);
    fold.clear();
    this.#before += this.#window;
    this.#window = 0;
  }
}

class CoarserLevel {
  readonly #type: FieldType;
  readonly #width: number;
  readonly #windows: Windows;
  readonly #coarser: CoarserLevel | undefined;
  readonly #take: TakeChunk;
  readonly #fold: WindowFold;
  #before = 0;
  #window = 0;

  constructor(
    type: FieldType,
    { code, windows, fold }: RollupLevel,
    coarser: CoarserLevel | undefined,
    take: TakeChunk,
  ) {
    this.#type = type;
    this.#width = LEVEL_WIDTHS_MS[code];
    this.#windows = windows;
    this.#coarser = coarser;
    this.#take = take;
    this.#fold = fold;
    fold.clear();
  }

  /** The next finer windows. */
  add(finer: WindowFold, { starts }: Windows): void {
    for (let index = 0; index < starts.length; index++) {
      if (starts[index] >= this.#windows.starts[this.#before + this.#window] + this.#width) this.#next();
      this.#fold.addWindow(this.#window, finer, index);
    }
  }

  finish(): void {
    this.#window++;
    this.#complete();
    this.#coarser?.finish();
  }

  #next(): void {
    this.#window++;
    if (this.#window === CHUNK_WINDOWS_MAX) this.#complete();
  }

  #complete(): void {
    const windows = sliceWindows(this.#windows, this.#before, this.#before + this.#window);
    this.#take(figuresOf(this.#fold, this.#type, windows, everyRowHasValue(this.#fold, windows)), windows);
    this.#coarser?.add(this.#fold, windows);
    this.#fold.clear();
    this.#before += this.#window;
    this.#window = 0;
  }
}

/** Finds the times of ever later positions. Keys are read only from the first question on. */
class AscendingTimes {
  readonly #keys: Keys;
  #chunks: Iterator<{ readonly timestamps: Float64Array }> | undefined;
  #chunk = new Float64Array(0);
  #from = 0;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** Puts times in the place of positions; NaN stays. */
  replacePositions(first: Float64Array, last: Float64Array, count: number): void {
    for (let index = 0; index < count; index++) {
      if (Number.isNaN(first[index])) continue;
      first[index] = this.#timeOf(first[index]);
      last[index] = this.#timeOf(last[index]);
    }
  }

  #timeOf(position: number): number {
    this.#chunks ??= this.#keys()[Symbol.iterator]();
    while (position >= this.#from + this.#chunk.length) {
      this.#from += this.#chunk.length;
      this.#chunk = this.#chunks.next().value.timestamps;
    }
    return this.#chunk[position - this.#from];
  }
}

function everyRowHasValue({ count }: WindowFold, { rowCounts }: Windows): boolean {
  for (let index = 0; index < rowCounts.length; index++) if (count[index] !== rowCounts[index]) return false;
  return true;
}

/** Views of what is in the fold, valid until it is cleared. */
function figuresOf(fold: WindowFold, type: FieldType, { starts }: Windows, isFull: boolean): Figures {
  const { length } = starts;
  const part = (values: Float64Array) => values.subarray(0, length);
  const counts = isFull
    ? undefined
    : { count: part(fold.count), firstTimes: part(fold.firstAt), lastTimes: part(fold.lastAt) };
  const ends = { first: part(fold.first), last: part(fold.last) };
  if (type === 'boolean') return { ...counts, ...ends };
  if (type === 'string') return { ...counts, ...textsOf(fold, length) };
  const sum = part(fold.totals);
  const min = part(fold.min);
  const max = part(fold.max);
  for (let index = 0; index < length; index++) {
    sum[index] = fold.total(index);
    // A window without values adds nothing to a coarser one.
    if (fold.count[index] === 0) sum[index] = min[index] = max[index] = Number.NaN;
  }
  return { ...counts, ...ends, sum, min, max };
}

/** Numbered in order of first use, the first texts of all windows before the last ones. */
function textsOf(fold: WindowFold, length: number): Pick<Figures, 'first' | 'last' | 'dictionary'> {
  const texts = new Map<string, number>();
  const number = (of: readonly string[]) => {
    const numbers = new Float64Array(length).fill(Number.NaN);
    for (let index = 0; index < length; index++) {
      if (fold.count[index] === 0) continue;
      const found = texts.get(of[index]) ?? texts.size;
      texts.set(of[index], found);
      numbers[index] = found;
    }
    return numbers;
  };
  return { first: number(fold.firstText), last: number(fold.lastText), dictionary: [...texts.keys()] };
}
