import { join } from 'node:path';
import { METADATA_COLUMN } from '../../engine/head/head.js';
import { ALL_FIGURES } from '../../engine/rollup/figures.js';
import { SegmentReader } from '../../engine/segment/reader.js';
import type { Disk } from '../../wal/disk.js';

/** What the rollups and summaries of all segments in a directory say, as lines: figures by source, level and column. */
export async function figuresOf(disk: Disk, directory: string): Promise<string[]> {
  const lines: string[] = [];
  for (const file of await disk.list(directory)) {
    const segment = new SegmentReader(disk, join(directory, file));
    for (let index = 0; index < segment.sourceCount; index++) {
      const prefix = `${file} ${segment.table.ordinal[index]}`;
      for (const [name, columns] of sourceFigures(segment, index))
        for (const [figure, values] of Object.entries(columns))
          if (values !== undefined)
            lines.push(`${prefix} ${name} ${figure}: ${Array.from(values, textOf).join(' ')}`);
    }
    segment.release();
  }
  return lines;
}

function* sourceFigures(segment: SegmentReader, index: number): Generator<[name: string, columns: object]> {
  const directory = segment.directory(index);
  for (const [leafNumber] of directory.leaves.entries()) {
    const { minTimes, maxTimes, columns } = segment.leaf(index, directory, leafNumber);
    yield [`leaf ${leafNumber}`, { minTimes, maxTimes }];
    for (const [column, { name }] of directory.columns.entries())
      yield [`leaf ${leafNumber} '${name}'`, columns[column].summaries];
  }
  for (const [level, { widthMs, chunks }] of directory.levels.entries()) {
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      yield [`${widthMs} ms ${chunk}`, segment.windows(index, directory, level, chunk)];
      for (const [column, { name }] of directory.columns.entries()) {
        if (name === METADATA_COLUMN) continue;
        yield [
          `${widthMs} ms ${chunk} '${name}'`,
          segment.figures(index, directory, level, chunk, column, ALL_FIGURES),
        ];
      }
    }
  }
}

function textOf(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
