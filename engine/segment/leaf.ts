/**
 * A leaf of a source's directory: where the blocks of up to LEAF_BLOCKS_MAX groups are, what times they span, and a
 * summary of each number block. Bytes: engine/FORMAT.md, "Leaf".
 */
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { openChecked, sealChecked } from '../base/checked.js';
import type { FieldType } from '../batch.js';
import { positionsOf, readStream, writeStream } from '../codec/streams.js';
import { ALL_FIGURES, readNumberFigures, writeNumberFigures } from '../rollup/number-figures.js';
import type { ColumnName, LeafReference } from './directory.js';
import type { BlockSummary } from './summary.js';

/** One block a group, one after another. */
export interface BlockRun {
  /** Positions in the file. */
  readonly offsets: Float64Array;
  /** Bytes; 0 where no row of the group has a value: then there is no block. */
  readonly lengths: Float64Array;
}

/** One of each a group: `count` is 0 and the others NaN where there is no block. Sums are compensated. */
export interface BlockSummaries {
  /** Rows that have a value. */
  readonly count: Float64Array;
  /** Numbers only, from here on; absent, too, where rollups have as many windows as there are groups. */
  readonly sum?: Float64Array;
  readonly min?: Float64Array;
  readonly max?: Float64Array;
  readonly first?: Float64Array;
  readonly last?: Float64Array;
}

/** The summary of one group's block; undefined where only its values are counted. */
export function summaryIn(
  { count, sum, min, max, first, last }: BlockSummaries,
  group: number,
): BlockSummary | undefined {
  if (
    sum === undefined ||
    min === undefined ||
    max === undefined ||
    first === undefined ||
    last === undefined
  )
    return undefined;
  return {
    count: count[group],
    sum: sum[group],
    min: min[group],
    max: max[group],
    first: first[group],
    last: last[group],
  };
}

export interface LeafColumn extends BlockRun {
  /** Decoded when first asked for: rows can be read without. */
  readonly summaries: BlockSummaries;
}

/** Groups from `firstGroup` on; everything is in order of groups. */
export interface Leaf {
  readonly firstGroup: number;
  readonly minTimes: Float64Array;
  readonly maxTimes: Float64Array;
  readonly times: BlockRun;
  /** undefined where row numbers are consecutive. */
  readonly rows: BlockRun | undefined;
  /** In the order of the directory's columns. */
  readonly columns: readonly LeafColumn[];
}

/** A run of a leaf as it will be written: blocks from `offset` to `end`. */
export interface EncodedRun {
  readonly offset: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Runs in the order in which they lie in the file: times, row numbers, then column by column. */
export function encodeLeaf(runs: readonly EncodedRun[]): Uint8Array {
  const writer = new ByteWriter();
  let position = 0;
  for (const { offset, end, bytes } of runs) {
    writer.varint(offset - position);
    position = end;
    writer.bytes(bytes);
  }
  return sealChecked(writer);
}

export function encodeTimesRun(
  lengths: Float64Array,
  minTimes: Float64Array,
  maxTimes: Float64Array,
): Uint8Array {
  const writer = new ByteWriter();
  writeStream(writer, lengths);
  writeStream(
    writer,
    minTimes.map(time => time - minTimes[0]),
  );
  writeStream(
    writer,
    maxTimes.map((time, group) => time - minTimes[group]),
  );
  return writer.finish();
}

export function encodeRowsRun(lengths: Float64Array): Uint8Array {
  const writer = new ByteWriter();
  writeStream(writer, lengths);
  return writer.finish();
}

/** How a column run ends; whether figures follow shows from what is left. */
const EVERY_ROW = 0;
const SOME_ROWS = 1;

/** There is a run a column, and memory that is used again costs nothing. */
const runWriter = new ByteWriter(1_024);

/** `rowCounts` are those of the groups. */
export function encodeColumnRun(
  lengths: Float64Array,
  summaries: BlockSummaries,
  rowCounts: Float64Array,
): Uint8Array {
  const writer = runWriter;
  writer.clear();
  writeStream(writer, lengths);
  const present = positionsOf(lengths);
  if (present.length === 0) return writer.finish();
  const take = (values: Float64Array) =>
    present.length === values.length ? values : Float64Array.from(present, group => values[group]);
  const { count, sum, min, max, first, last } = summaries;
  if (present.every(group => count[group] === rowCounts[group])) writer.u8(EVERY_ROW);
  else {
    writer.u8(SOME_ROWS);
    writeStream(writer, take(count));
  }
  if (
    sum !== undefined &&
    min !== undefined &&
    max !== undefined &&
    first !== undefined &&
    last !== undefined
  ) {
    const figures = { sum: take(sum), min: take(min), max: take(max), first: take(first), last: take(last) };
    writeNumberFigures(writer, figures, present.length);
  }
  return writer.finish();
}

/** Where in which file bytes made no sense is the business of the one who read them. */
export type Guard = <T>(read: () => T) => T;

/** @throws BytesError where the bytes are not an intact leaf of a directory with these columns. */
export function decodeLeaf(
  bytes: Uint8Array,
  { firstGroup, groupCount, minTime, offset }: LeafReference,
  columns: readonly ColumnName[],
  hasRowBlocks: boolean,
  rowCounts: Float64Array,
  guard: Guard,
): Leaf {
  const reader = new ByteReader(openChecked(bytes));
  let position = 0;
  const readRun = (): [BlockRun, ByteReader] => {
    position += reader.varint();
    const run = new ByteReader(reader.bytes());
    const lengths = readStream(run, groupCount);
    const offsets = new Float64Array(groupCount);
    for (let group = 0; group < groupCount; group++) {
      offsets[group] = position;
      position += lengths[group];
    }
    if (!(position <= offset)) throw new BytesError('Blocks go past their directory');
    return [{ offsets, lengths }, run];
  };
  const [times, spans] = readRun();
  const minTimes = readStream(spans, groupCount);
  const maxTimes = readStream(spans, groupCount);
  expectEnd(spans);
  for (let group = 0; group < groupCount; group++) {
    minTimes[group] += minTime;
    maxTimes[group] += minTimes[group];
  }
  let rows: BlockRun | undefined;
  if (hasRowBlocks) {
    const [run, rest] = readRun();
    expectEnd(rest);
    rows = run;
  }
  const leafColumns = columns.map(({ type }) => {
    const [run, rest] = readRun();
    return new LazyColumn(run, () => guard(() => readSummaries(rest, run.lengths, type, rowCounts)));
  });
  expectEnd(reader);
  return { firstGroup, minTimes, maxTimes, times, rows, columns: leafColumns };
}

class LazyColumn implements LeafColumn {
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  #read: (() => BlockSummaries) | undefined;
  #summaries: BlockSummaries | undefined;

  constructor({ offsets, lengths }: BlockRun, read: () => BlockSummaries) {
    this.offsets = offsets;
    this.lengths = lengths;
    this.#read = read;
  }

  /** @throws what the guard makes of bytes that make no sense. */
  get summaries(): BlockSummaries {
    if (this.#summaries === undefined) {
      this.#summaries = (this.#read as () => BlockSummaries)();
      this.#read = undefined;
    }
    return this.#summaries;
  }
}

function readSummaries(
  reader: ByteReader,
  lengths: Float64Array,
  type: FieldType,
  rowCounts: Float64Array,
): BlockSummaries {
  const groupCount = lengths.length;
  const present = positionsOf(lengths);
  const spread = (values: Float64Array, absent: number) => {
    if (present.length === groupCount) return values;
    const result = new Float64Array(groupCount).fill(absent);
    for (let at = 0; at < present.length; at++) result[present[at]] = values[at];
    return result;
  };
  if (present.length === 0) {
    expectEnd(reader);
    const none = new Float64Array(groupCount).fill(Number.NaN);
    const count = new Float64Array(groupCount);
    return type === 'number'
      ? { count, sum: none, min: none, max: none, first: none, last: none }
      : { count };
  }
  const form = reader.u8();
  if (form !== EVERY_ROW && form !== SOME_ROWS) throw new BytesError('Summaries have an unknown form');
  const counts =
    form === EVERY_ROW
      ? Float64Array.from(present, group => rowCounts[group])
      : readStream(reader, present.length);
  const count = spread(counts, 0);
  if (reader.remaining === 0) return { count };
  if (type !== 'number') throw new BytesError('A leaf has bytes left over');
  const { sum, min, max, first, last } = readNumberFigures(reader, present.length, ALL_FIGURES);
  return {
    count,
    sum: spread(sum!, Number.NaN),
    min: spread(min!, Number.NaN),
    max: spread(max!, Number.NaN),
    first: spread(first!, Number.NaN),
    last: spread(last!, Number.NaN),
  };
}

function expectEnd(reader: ByteReader): void {
  if (reader.remaining > 0) throw new BytesError('A leaf has bytes left over');
}
