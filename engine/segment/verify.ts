/** Reads every byte of a segment and checks every checksum and everything that one part says of another. */
import type { Disk } from '../../wal/disk.js';
import type { Directory } from './directory.js';
import { HEADER_BYTES } from './layout.js';
import { type BlockRun, type Leaf, summaryIn } from './leaf.js';
import { SegmentCorruptError, SegmentReader } from './reader.js';
import { summaryOf } from './summary.js';
import { verifyRollups } from './verify-rollups.js';

export interface SegmentVerdict {
  readonly rowCount: number;
  readonly blockCount: number;
  readonly bytes: number;
  /** Empty where all is well. Damage is contained: what follows is still checked. */
  readonly damages: readonly SegmentCorruptError[];
}

/** @throws what the disk throws. */
export function verifySegment(disk: Disk, path: string): SegmentVerdict {
  const damages = new Map<string, SegmentCorruptError>();
  const collect = (check: () => void) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
      // Several checks may come upon the same bytes.
      damages.set(error.message, error);
    }
  };
  let verdict = { rowCount: 0, blockCount: 0, bytes: 0 };
  collect(() => {
    const reader = new SegmentReader(disk, path);
    try {
      verdict = { rowCount: reader.rowCount, blockCount: 0, bytes: reader.bytes };
      let position = HEADER_BYTES;
      for (let index = 0; index < reader.sourceCount; index++) {
        collect(() => {
          const start = position;
          // Whatever its directory turns out to say, the next source begins behind it.
          position = reader.table.directoryOffset[index] + reader.table.directoryLength[index];
          verdict.blockCount += verifySource(reader, index, start, collect);
        });
      }
      collect(() => verifyTotals(reader, position));
    } finally {
      reader.release();
    }
  });
  return { ...verdict, damages: [...damages.values()] };
}

function verifyTotals(reader: SegmentReader, position: number): void {
  const { ordinal, rowCount } = reader.table;
  check(reader, position, position === reader.blocksEnd, 'the sources leave a gap before the names');
  let rows = 0;
  for (let index = 0; index < ordinal.length; index++) {
    rows += rowCount[index];
    check(
      reader,
      position,
      index === 0 || ordinal[index] > ordinal[index - 1],
      'the sources are out of order',
    );
  }
  check(reader, position, rows === reader.rowCount, 'the footer counts other rows than the source table');
}

function verifySource(
  reader: SegmentReader,
  index: number,
  start: number,
  collect: (check: () => void) => void,
): number {
  const directory = reader.directory(index);
  const leaves = directory.leaves.map((_, leafNumber) => reader.leaf(index, directory, leafNumber));
  const blockCount = verifyTiling(reader, index, directory, leaves, start);
  collect(() => verifyKeys(reader, index, directory, leaves));
  for (let column = 0; column < directory.columns.length; column++) {
    for (const leaf of leaves) {
      for (let at = 0; at < leaf.minTimes.length; at++)
        collect(() => verifyColumn(reader, index, directory, leaf, column, at));
    }
  }
  verifyRollups(reader, index, directory, collect);
  return blockCount;
}

/** Blocks and leaves fill the space from the source before to the root directory without a gap. */
function verifyTiling(
  reader: SegmentReader,
  index: number,
  directory: Directory,
  leaves: readonly Leaf[],
  start: number,
): number {
  let position = start;
  let blockCount = 0;
  const follow = (offset: number, length: number) => {
    check(reader, offset, offset === position, 'a block is not where the one before it ends');
    position += length;
    if (length > 0) blockCount++;
  };
  const followRuns = (runOf: (leaf: Leaf) => BlockRun | undefined) => {
    for (const { offsets, lengths } of leaves.map(runOf).filter(run => run !== undefined))
      for (let at = 0; at < offsets.length; at++) follow(offsets[at], lengths[at]);
  };
  followRuns(leaf => leaf.times);
  followRuns(leaf => leaf.rows);
  for (let column = 0; column < directory.columns.length; column++) followRuns(leaf => leaf.columns[column]);
  for (const { chunks } of directory.levels) {
    for (const { keys } of chunks) follow(keys.offset, keys.length);
    for (let column = 0; column < directory.columns.length; column++)
      for (const { figures } of chunks) follow(figures[column].offset, figures[column].length);
  }
  for (const { offset, length, decoded } of directory.leaves) {
    if (decoded !== undefined) continue;
    check(reader, offset, offset === position, 'a leaf is not where what comes before it ends');
    position += length;
  }
  const end = reader.table.directoryOffset[index];
  check(reader, end, position === end, 'the blocks leave a gap before their directory');
  return blockCount;
}

/** Rows ascend by (time, row number), and span what leaves, root directory and source table say. */
function verifyKeys(
  reader: SegmentReader,
  index: number,
  directory: Directory,
  leaves: readonly Leaf[],
): void {
  const { firstRow, lastRow, minTime, maxTime, directoryOffset } = reader.table;
  let time = -Infinity;
  let row = -Infinity;
  let lowest = Infinity;
  let highest = -Infinity;
  for (const [leafNumber, leaf] of leaves.entries()) {
    for (let at = 0; at < leaf.minTimes.length; at++) {
      const offset = leaf.times.offsets[at];
      const times = reader.times(index, directory, leaf.firstGroup + at);
      const rows = reader.rows(index, directory, leaf.firstGroup + at);
      for (let position = 0; position < times.length; position++) {
        const ascends = times[position] > time || (times[position] === time && rows[position] > row);
        check(reader, offset, ascends, 'rows are out of order');
        time = times[position];
        row = rows[position];
        lowest = Math.min(lowest, row);
        highest = Math.max(highest, row);
      }
      const spans = times[0] === leaf.minTimes[at] && time === leaf.maxTimes[at];
      check(reader, offset, spans, 'the leaf says other times than the block');
    }
    const reference = directory.leaves[leafNumber];
    const spans = leaf.minTimes[0] === reference.minTime && time === reference.maxTime;
    check(reader, reference.offset, spans, 'the directory says other times than the leaf');
  }
  const tableOffset = directoryOffset[index];
  const isRange = lowest === firstRow[index] && highest === lastRow[index];
  check(reader, tableOffset, isRange, 'row numbers differ from the source table');
  const spans = leaves[0].minTimes[0] === minTime[index] && time === maxTime[index];
  check(reader, tableOffset, spans, 'times differ from the source table');
}

function verifyColumn(
  reader: SegmentReader,
  index: number,
  directory: Directory,
  leaf: Leaf,
  column: number,
  at: number,
): void {
  const values = reader.values(index, directory, column, leaf.firstGroup + at);
  const { offsets, summaries } = leaf.columns[column];
  if (values === undefined) return;
  const actual = summaryOf(values.values, values.type);
  const stored = summaryIn(summaries, at) ?? { count: summaries.count[at] };
  const agrees = (Object.keys(stored) as (keyof typeof stored)[]).every(name =>
    Object.is(actual[name], stored[name]),
  );
  check(reader, offsets[at], agrees, 'the summary differs from the values');
}

function check(reader: SegmentReader, offset: number, holds: boolean, otherwise: string): void {
  if (!holds) throw new SegmentCorruptError(reader.path, offset, otherwise);
}
