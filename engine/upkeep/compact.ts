/** Compaction: the rows of some segments, merged into one, without those that nobody may see any more. */
import type { Disk } from '../../wal/disk.js';
import type { FieldType } from '../batch.js';
import { SegmentCorruptError, type SegmentPart, SegmentReader } from '../segment/reader.js';
import { type SegmentSource, writeSegment } from '../segment/writer.js';
import { gatherNumbers, gatherTexts } from './gather.js';
import type { UpkeepResult } from './jobs.js';
import { MergeOrder } from './merge-order.js';

export interface CompactJob {
  /** Segments to merge, oldest first. */
  readonly inputs: readonly string[];
  /** The new file; it must not exist. */
  readonly path: string;
  /** Sources to leave out. */
  readonly erased: ReadonlySet<number>;
  /** First millisecond of the rows to keep, of sources that keep only some. */
  readonly keepFrom: ReadonlyMap<number, number>;
}

/**
 * Writes and syncs the merged segment, if any row is left. Memory is bounded whatever the inputs hold: the order of rows
 * is kept as runs, and each column is put together on its own, block by block.
 * @throws (rejects) what the disk throws.
 */
export async function compactSegments(disk: Disk, job: CompactJob): Promise<UpkeepResult> {
  const readers: SegmentReader[] = [];
  try {
    for (const input of job.inputs) readers.push(new SegmentReader(disk, input));
    const sources = liveSources(readers, job);
    if (sources.length === 0) return { kind: 'written', files: [] };
    const lastSequence = Math.max(...readers.map(reader => reader.lastSequence));
    await writeSegment(disk, job.path, mergedSources(readers, sources, job), lastSequence);
    return { kind: 'written', files: [job.path] };
  } catch (error) {
    if (error instanceof SegmentCorruptError) {
      return { kind: 'damaged', file: error.file, message: error.message };
    }
    throw error;
  } finally {
    for (const reader of readers) reader.release();
  }
}

/** Ordinals of the sources that have a row to keep, ascending. */
function liveSources(readers: readonly SegmentReader[], { erased, keepFrom }: CompactJob): number[] {
  const live = new Set<number>();
  for (const { table } of readers) {
    for (let index = 0; index < table.ordinal.length; index++) {
      const source = table.ordinal[index];
      if (!erased.has(source) && table.maxTime[index] >= (keepFrom.get(source) ?? 0)) live.add(source);
    }
  }
  return [...live].sort((left, right) => left - right);
}

function* mergedSources(
  readers: readonly SegmentReader[],
  sources: readonly number[],
  { keepFrom }: CompactJob,
): Generator<SegmentSource> {
  for (const source of sources) {
    const parts = readers
      .map(segment => ({ segment, index: segment.indexOf(source) }))
      .filter(({ index }) => index >= 0);
    yield mergedSource(source, parts, keepFrom.get(source) ?? 0);
  }
}

function mergedSource(source: number, parts: readonly SegmentPart[], startTime: number): SegmentSource {
  const types = new Map<string, FieldType>();
  for (const { segment, index } of parts) {
    for (const { name, type } of segment.fieldsOf(index)) types.set(name, type);
  }
  const columns = Array.from(types, ([name, type]) => ({ name, type }));
  const order = new MergeOrder(parts, startTime);
  return {
    source,
    columns,
    *keys() {
      const rows = gatherNumbers(order, parts, ({ segment, index }, group) =>
        segment.rows(index, segment.directory(index), group),
      );
      const times = gatherNumbers(order, parts, ({ segment, index }, group) =>
        segment.times(index, segment.directory(index), group),
      );
      for (const timestamps of times) yield { timestamps, rows: rows.next().value as Float64Array };
    },
    *values(at) {
      const { name, type } = columns[at];
      const found = parts.map(({ segment, index }) =>
        segment.directory(index).columns.findIndex(column => column.name === name),
      );
      const read = ({ segment, index }: SegmentPart, group: number, place: number) => {
        const column = found[place];
        return column < 0 ? undefined : segment.values(index, segment.directory(index), column, group);
      };
      if (type === 'string') yield* gatherTexts(order, parts, read);
      else {
        const numbers = gatherNumbers(order, parts, (part, group, place) => read(part, group, place)?.values);
        for (const values of numbers) yield { values };
      }
    },
  };
}
