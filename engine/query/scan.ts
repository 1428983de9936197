/**
 * Merges what a source has in several places (segments, frozen head, head) into chunks in time order. A place is
 * opened only when the merge has come to its first row, so that a scan that stops early has read little.
 */

import type { Column } from '../batch.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import type { ScanChunk } from '../storage.js';
import { ColumnBuilder } from './column-builder.js';

export type Order = 'asc' | 'desc';

/** Rows of one source in one place, inside the range asked for. */
export interface Piece {
  /** No row is earlier, and none later. */
  readonly minTime: number;
  readonly maxTime: number;
  /** Chunks in the order asked for, by (time, row number); metadata is the column named ''. */
  chunks(): Iterator<PieceChunk>;
}

export interface PieceChunk {
  readonly timestamps: Float64Array;
  readonly rows: Float64Array;
  readonly columns: readonly Column[];
}

/** All the pieces' rows, merged. Chunks have 1 to BLOCK_ROWS_MAX rows. */
export function* mergePieces(pieces: readonly Piece[], order: Order): Generator<PieceChunk> {
  const direction = order === 'asc' ? 1 : -1;
  const boundOf = (piece: Piece) => direction * (order === 'asc' ? piece.minTime : piece.maxTime);
  const waiting = [...pieces].sort((left, right) => boundOf(left) - boundOf(right));
  const open: Cursor[] = [];
  const builder = new ChunkBuilder();
  for (;;) {
    // A piece whose rows may come before (or among) the next of the open ones must take part.
    while (
      waiting.length > 0 &&
      (open.length === 0 || boundOf(waiting[0]) <= direction * earliest(open, direction).time)
    ) {
      const cursor = new Cursor((waiting.shift() as Piece).chunks());
      if (!cursor.done) open.push(cursor);
    }
    if (open.length === 0) break;
    const next = earliest(open, direction);
    const rival =
      open.length > 1
        ? earliest(
            open.filter(cursor => cursor !== next),
            direction,
          )
        : undefined;
    const end = next.runEnd(direction, rival, waiting.length > 0 ? boundOf(waiting[0]) : Infinity);
    if (next.position === 0 && end === next.chunk.timestamps.length) {
      if (builder.length > 0) yield builder.take();
      yield next.chunk;
    } else {
      yield* builder.addAll(next.chunk, next.position, end);
    }
    next.advance(end);
    if (next.done) open.splice(open.indexOf(next), 1);
  }
  if (builder.length > 0) yield builder.take();
}

/** A merged chunk as the storage contract words it. */
export function scanChunkOf(source: number, chunk: PieceChunk): ScanChunk {
  const fields = chunk.columns.filter(column => column.name !== '');
  const metadata = chunk.columns.find(column => column.name === '');
  return {
    source,
    timestamps: chunk.timestamps,
    rows: chunk.rows,
    fields,
    ...(metadata && { metadata: { values: metadata.values, dictionary: metadata.dictionary ?? [] } }),
  };
}

class Cursor {
  readonly #chunks: Iterator<PieceChunk>;
  #chunk: PieceChunk | undefined;
  position = 0;

  constructor(chunks: Iterator<PieceChunk>) {
    this.#chunks = chunks;
    this.#read();
  }

  get done(): boolean {
    return this.#chunk === undefined;
  }

  get chunk(): PieceChunk {
    return this.#chunk as PieceChunk;
  }

  get time(): number {
    return this.chunk.timestamps[this.position];
  }

  get row(): number {
    return this.chunk.rows[this.position];
  }

  /** End of the run of rows that come before the rival's next row and before any row of a piece not open yet. */
  runEnd(direction: number, rival: Cursor | undefined, waitingBound: number): number {
    const { timestamps, rows } = this.chunk;
    let low = this.position + 1;
    let high = timestamps.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const time = direction * timestamps[middle];
      const before =
        time < waitingBound &&
        (rival === undefined || comesBefore(timestamps[middle], rows[middle], rival, direction));
      if (before) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  advance(position: number): void {
    this.position = position;
    if (position === this.chunk.timestamps.length) this.#read();
  }

  #read(): void {
    const next = this.#chunks.next();
    this.#chunk = next.done === true ? undefined : next.value;
    this.position = 0;
  }
}

function comesBefore(time: number, row: number, other: Cursor, direction: number): boolean {
  return time === other.time ? direction * (row - other.row) < 0 : direction * (time - other.time) < 0;
}

function earliest(cursors: readonly Cursor[], direction: number): Cursor {
  let best = cursors[0];
  for (let index = 1; index < cursors.length; index++) {
    const cursor = cursors[index];
    if (comesBefore(cursor.time, cursor.row, best, direction)) best = cursor;
  }
  return best;
}

/** Puts runs of rows of several chunks together. */
class ChunkBuilder {
  #timestamps = new Float64Array(BLOCK_ROWS_MAX);
  #rows = new Float64Array(BLOCK_ROWS_MAX);
  #columns = new Map<string, ColumnBuilder>();
  length = 0;

  /** Adds rows and gives every chunk that gets full. */
  *addAll(chunk: PieceChunk, from: number, to: number): Generator<PieceChunk> {
    while (from < to) {
      const end = Math.min(to, from + BLOCK_ROWS_MAX - this.length);
      this.#add(chunk, from, end);
      if (this.length === BLOCK_ROWS_MAX) yield this.take();
      from = end;
    }
  }

  #add(chunk: PieceChunk, from: number, to: number): void {
    this.#timestamps.set(chunk.timestamps.subarray(from, to), this.length);
    this.#rows.set(chunk.rows.subarray(from, to), this.length);
    for (const column of chunk.columns) {
      let builder = this.#columns.get(column.name);
      if (builder === undefined) {
        builder = new ColumnBuilder(column.type, BLOCK_ROWS_MAX);
        this.#columns.set(column.name, builder);
      }
      builder.add(column, from, to, this.length);
    }
    this.length += to - from;
  }

  take(): PieceChunk {
    const chunk = {
      timestamps: this.#timestamps.subarray(0, this.length),
      rows: this.#rows.subarray(0, this.length),
      columns: [...this.#columns].map(([name, builder]) => builder.finish(name, this.length)),
    };
    this.#timestamps = new Float64Array(BLOCK_ROWS_MAX);
    this.#rows = new Float64Array(BLOCK_ROWS_MAX);
    this.#columns = new Map();
    this.length = 0;
    return chunk;
  }
}
