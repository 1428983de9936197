/**
 * What queries see: the rows that some sources had at one moment, in segments and heads. It is made where points
 * arrive, and can be made again by another thread from a description of plain data.
 */
import type { FieldType } from './batch.js';
import { METADATA_COLUMN } from './head/head.js';
import { HeadView, type HeadViewData } from './head/view.js';
import { type FoldPlace, type FoldSource, headPlace, SummaryFolder, segmentPlace } from './query/fold.js';
import { headPiece, type PieceRequest, segmentPiece } from './query/pieces.js';
import { planRows, type SourcePlan } from './query/plan.js';
import { Progress } from './query/progress.js';
import { mergePieces, type Piece, scanChunkOf } from './query/scan.js';
import type { SegmentPart, SegmentReader } from './segment/reader.js';
import type {
  PlanRequest,
  ScanChunk,
  ScanRequest,
  SharedSnapshot,
  Snapshot,
  SourceStats,
  SummaryChunk,
  SummaryRequest,
  TimeRange,
} from './storage.js';

/** Something that must stay as it is until nobody reads it any more. */
interface Held {
  retain(): void;
  release(): void;
}

/** Rows of one source that no segment has yet, oldest first. */
export type HeadViews = ReadonlyMap<number, readonly HeadView[]>;

interface SharedEngineSnapshot extends SharedSnapshot {
  readonly segments: readonly string[];
  readonly heads: ReadonlyMap<number, readonly HeadViewData[]>;
}

export class EngineSnapshot implements Snapshot {
  readonly #segments: readonly SegmentReader[];
  readonly #heads: HeadViews;
  readonly #held: readonly Held[];

  /**
   * @param heads the sources that can be read, each with what heads hold of it
   * @param held what `heads` is in; the segments need not be named
   */
  constructor(segments: readonly SegmentReader[], heads: HeadViews, held: readonly Held[]) {
    this.#segments = segments;
    this.#heads = heads;
    this.#held = [...segments, ...held];
    for (const one of this.#held) one.retain();
  }

  /**
   * As `share` described it. The one that was shared must be held until this one is released.
   * @param open gives a reader that is let go of with `release`
   */
  static open(open: (path: string) => SegmentReader, shared: SharedSnapshot): EngineSnapshot {
    const { segments, heads } = shared as SharedEngineSnapshot;
    const readers: SegmentReader[] = [];
    try {
      for (const path of segments) readers.push(open(path));
      const views = Array.from(
        heads,
        ([source, some]) => [source, some.map(data => new HeadView(data))] as const,
      );
      return new EngineSnapshot(readers, new Map(views), []);
    } finally {
      // From here on the snapshot is the one who keeps them.
      for (const reader of readers) reader.release();
    }
  }

  share(): SharedSnapshot {
    const sources = [...this.#heads.keys()];
    const used = this.#segments.filter(segment => sources.some(source => segment.indexOf(source) >= 0));
    const heads = Array.from(
      this.#heads,
      ([source, views]) => [source, views.map(view => view.data)] as const,
    );
    return {
      segments: used.map(segment => segment.path),
      heads: new Map(heads),
    } satisfies SharedEngineSnapshot;
  }

  release(): void {
    for (const one of this.#held) one.release();
  }

  async *scan(request: ScanRequest): AsyncGenerator<ScanChunk> {
    const wanted: PieceRequest = {
      ...request,
      fields: request.fields === undefined ? undefined : new Set(request.fields),
    };
    const progress = new Progress(request.signal);
    for (const source of request.sources) {
      for (const chunk of mergePieces(this.#pieces(source, wanted), request.order)) {
        await progress.advance(chunk.timestamps.length);
        yield scanChunkOf(source, chunk);
      }
    }
  }

  async *summarise(request: SummaryRequest): AsyncGenerator<SummaryChunk> {
    const progress = new Progress(request.signal);
    const folder = new SummaryFolder(request);
    for (const source of request.sources) {
      for (const chunk of folder.fold(this.#foldSource(source, request))) {
        if (progress.isDue) await progress.advance(0);
        if (chunk !== undefined) yield chunk;
      }
    }
  }

  plan(request: PlanRequest): SourcePlan[] {
    const { groups } = request;
    const folder = groups && new SummaryFolder({ ...request, groups });
    return request.sources.map(source => {
      const found = this.#foldSource(source, request);
      if (folder !== undefined) return folder.plan(found);
      return { source, places: found.places.map(({ facts }) => planRows(facts, request)) };
    });
  }

  stats(source: number): SourceStats {
    let rowCount = 0;
    let firstTime = Infinity;
    let lastTime = -Infinity;
    const add = (rows: number, minTime: number, maxTime: number) => {
      rowCount += rows;
      firstTime = Math.min(firstTime, minTime);
      lastTime = Math.max(lastTime, maxTime);
    };
    for (const { segment, index } of this.#parts(source)) {
      const { table } = segment;
      add(table.rowCount[index], table.minTime[index], table.maxTime[index]);
    }
    for (const { data } of this.#heads.get(source) ?? []) add(data.rowCount, data.minTime, data.maxTime);
    return rowCount === 0
      ? { rowCount, firstTime: undefined, lastTime: undefined }
      : { rowCount, firstTime, lastTime };
  }

  fields(source: number): ReadonlyMap<string, FieldType> {
    const fields = new Map<string, FieldType>();
    const add = (columns: Iterable<{ readonly name: string; readonly type: FieldType }>) => {
      for (const { name, type } of columns) {
        if (name !== METADATA_COLUMN && !fields.has(name)) fields.set(name, type);
      }
    };
    for (const { segment, index } of this.#parts(source)) add(segment.fieldsOf(index));
    for (const { data } of this.#heads.get(source) ?? []) add(data.columns);
    return fields;
  }

  #foldSource(source: number, { startTime, endTime }: TimeRange): FoldSource {
    const places: FoldPlace[] = [];
    for (const part of this.#parts(source)) {
      const { minTime, maxTime } = part.segment.table;
      if (maxTime[part.index] >= startTime && minTime[part.index] < endTime) places.push(segmentPlace(part));
    }
    for (const view of this.#heads.get(source) ?? []) places.push(headPlace(view));
    const scan = (from: number, to: number, field: string) => {
      const wanted = {
        startTime: from,
        endTime: to,
        fields: new Set([field]),
        order: 'asc',
        metadata: false,
      } as const;
      return mergePieces(this.#pieces(source, wanted), 'asc');
    };
    return { source, places, scan };
  }

  /** None of a source that had been erased, or was not asked for. */
  #parts(source: number): SegmentPart[] {
    if (!this.#heads.has(source)) return [];
    return this.#segments
      .map(segment => ({ segment, index: segment.indexOf(source) }))
      .filter(({ index }) => index >= 0);
  }

  /** Where rows of a source in the range asked for are. */
  #pieces(source: number, request: PieceRequest): Piece[] {
    const views = this.#heads.get(source) ?? [];
    return [
      ...this.#parts(source).map(part => segmentPiece(part, request)),
      ...views.map(view => headPiece(view, request)),
    ].filter(piece => piece !== undefined);
  }
}
