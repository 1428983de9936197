/** Compaction: the rows of some segments, merged into one, without those that nobody may see any more. */
import type { Disk } from '../../wal/disk.js';
import type { FieldType } from '../batch.js';
import { METADATA_COLUMN } from '../head/head.js';
import { type PieceRequest, segmentPiece } from '../query/pieces.js';
import { mergePieces, type PieceChunk, rechunk } from '../query/scan.js';
import { SegmentCorruptError, type SegmentPart, SegmentReader } from '../segment/reader.js';
import { type SegmentSource, writeSegment } from '../segment/writer.js';
import type { UpkeepResult } from './jobs.js';

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
 * Writes and syncs the merged segment, if any row is left. Memory is bounded whatever the inputs hold: each column is
 * merged on its own, block by block.
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
  const merge = (fields: ReadonlySet<string>, metadata: boolean): Iterable<PieceChunk> => {
    const request: PieceRequest = { startTime, endTime: Infinity, order: 'asc', fields, metadata };
    const pieces = parts.map(part => segmentPiece(part, request)).filter(piece => piece !== undefined);
    return rechunk(mergePieces(pieces, 'asc'));
  };
  return {
    source,
    columns,
    keys: () => merge(new Set(), false),
    *values(index) {
      const { name } = columns[index];
      const isMetadata = name === METADATA_COLUMN;
      for (const chunk of merge(new Set(isMetadata ? [] : [name]), isMetadata)) {
        const [column] = chunk.columns;
        yield column ?? { values: new Float64Array(chunk.timestamps.length).fill(Number.NaN) };
      }
    },
  };
}
