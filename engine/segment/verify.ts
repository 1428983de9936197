/** Reads every byte of a segment and checks every checksum and everything that one part says of another. */
import type { Disk } from '../../wal/disk.js';
import type { Directory, DirectoryColumn } from './directory.js';
import { HEADER_BYTES } from './layout.js';
import { SegmentCorruptError, SegmentReader } from './reader.js';
import { summaryOf } from './summary.js';

export interface SegmentVerdict {
  readonly rowCount: number;
  readonly blockCount: number;
  readonly bytes: number;
  /** Empty where all is well. Damage is contained: what follows is still checked. */
  readonly damages: readonly SegmentCorruptError[];
}

/** @throws what the disk throws. */
export function verifySegment(disk: Disk, path: string): SegmentVerdict {
  const damages: SegmentCorruptError[] = [];
  const collect = (check: () => void) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
      damages.push(error);
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
  return { ...verdict, damages };
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
  const blockCount = verifyTiling(reader, index, directory, start);
  collect(() => verifyKeys(reader, index, directory));
  for (const column of directory.columns) {
    for (let group = 0; group < column.blocks.length; group++) {
      collect(() => verifyColumn(reader, index, column, group));
    }
  }
  return blockCount;
}

/** The blocks fill the space from the source before to the directory without a gap. */
function verifyTiling(reader: SegmentReader, index: number, directory: Directory, start: number): number {
  let position = start;
  let blockCount = 0;
  const lists = [
    directory.timeBlocks,
    directory.rowBlocks ?? [],
    ...directory.columns.map(({ blocks }) => blocks),
  ];
  for (const block of lists.flat()) {
    check(reader, block.offset, block.offset === position, 'a block is not where the one before it ends');
    position += block.length;
    if (block.length > 0) blockCount++;
  }
  const end = reader.table.directoryOffset[index];
  check(reader, end, position === end, 'the blocks leave a gap before their directory');
  return blockCount;
}

/** Rows ascend by (time, row number), and span what the directory and the source table say. */
function verifyKeys(reader: SegmentReader, index: number, directory: Directory): void {
  const { firstRow, lastRow, minTime, maxTime } = reader.table;
  let time = -Infinity;
  let row = -Infinity;
  let lowest = Infinity;
  let highest = -Infinity;
  for (let group = 0; group < directory.timeBlocks.length; group++) {
    const { offset } = directory.timeBlocks[group];
    const times = reader.times(index, directory, group);
    const rows = reader.rows(index, directory, group);
    for (let at = 0; at < times.length; at++) {
      const ascends = times[at] > time || (times[at] === time && rows[at] > row);
      check(reader, offset, ascends, 'rows are out of order');
      time = times[at];
      row = rows[at];
      lowest = Math.min(lowest, row);
      highest = Math.max(highest, row);
    }
    const spans = times[0] === directory.minTimes[group] && time === directory.maxTimes[group];
    check(reader, offset, spans, 'the directory says other times than the block');
  }
  const tableOffset = reader.table.directoryOffset[index];
  check(
    reader,
    tableOffset,
    lowest === firstRow[index] && highest === lastRow[index],
    'row numbers differ from the source table',
  );
  const spans = directory.minTimes[0] === minTime[index] && time === maxTime[index];
  check(reader, tableOffset, spans, 'times differ from the source table');
}

function verifyColumn(reader: SegmentReader, index: number, column: DirectoryColumn, group: number): void {
  const values = reader.values(index, column, group);
  const summary = column.summaries[group];
  if (values === undefined || summary === undefined) return;
  const actual = summaryOf(values.values, column.type);
  const agrees = (Object.keys(actual) as (keyof typeof actual)[]).every(name =>
    Object.is(actual[name], summary[name]),
  );
  check(reader, column.blocks[group].offset, agrees, 'the summary differs from the values');
}

function check(reader: SegmentReader, offset: number, holds: boolean, otherwise: string): void {
  if (!holds) throw new SegmentCorruptError(reader.path, offset, otherwise);
}
