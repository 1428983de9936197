/** An answer to a query, from what is stored to the bytes that are sent. Runs where it is called: in any thread. */
import type { Progress } from '../../engine/query/progress.js';
import type { Answer, Layout, QueryRequest } from '../../engine/query/request.js';
import { runQuery } from '../../engine/query/run.js';
import { levelName } from '../../engine/rollup/levels.js';
import type { Readable } from '../../engine/storage.js';
import { writeColumns } from '../http/columns.js';
import { JsonWriter } from '../http/json-writer.js';
import { packColumns, packRows } from '../http/message-pack.js';
import { MessagePackWriter } from '../http/message-pack-writer.js';
import { writeRows } from '../http/rows.js';

/** What the writer has to know beside the rows. Plain data, so that it can be sent to whoever answers. */
export interface AnswerShape {
  /** Ids of the sources by ordinal. */
  readonly sourceIds: ReadonlyMap<number, string>;
  readonly layout: Layout;
  readonly encoding: Encoding;
  /** Members of the answer's metadata that are known before it is. */
  readonly metadata: object;
  /** When the work began, by the wall clock: the clocks of two threads begin at different times. */
  readonly startedAt: number;
}

export type Encoding = 'json' | 'msgpack';

/** @throws (rejects) as `runQuery` does; ApiError (ANSWER_TOO_LARGE). */
export async function answerQuery(
  readable: Readable,
  request: QueryRequest,
  shape: AnswerShape,
  progress: Progress,
): Promise<Uint8Array> {
  const answer = await runQuery(readable, request, shape.layout, progress);
  return shape.encoding === 'json' ? writeJson(answer, shape) : pack(answer, shape);
}

function writeJson(answer: Answer, shape: AnswerShape): Uint8Array {
  const writer = new JsonWriter(bytesOf(answer, shape));
  if (shape.layout === 'rows') {
    writer.text('{"data":');
    writeRows(writer, answer, shape.sourceIds);
  } else {
    writer.text('{"columns":');
    writeColumns(writer, answer.sources, shape.sourceIds);
  }
  writer.text(`,"metadata":${JSON.stringify(metadataOf(answer, shape))}}`);
  return writer.finish();
}

function pack(answer: Answer, shape: AnswerShape): Uint8Array {
  const writer = new MessagePackWriter(bytesOf(answer, shape));
  writer.map(2);
  if (shape.layout === 'rows') {
    writer.text('data');
    packRows(writer, answer, shape.sourceIds);
  } else {
    writer.text('columns');
    packColumns(writer, answer, shape.sourceIds);
  }
  writer.text('metadata');
  writer.value(metadataOf(answer, shape));
  return writer.finish();
}

const ROW_BYTES = 128;
const NAMED_VALUE_BYTES = 24;
const COLUMN_VALUE_BYTES = 9;
const TIME_BYTES = 14;
/** Of metadata, names, and the room that a writer makes ahead. */
const OTHER_BYTES = 64 * 1024;

/** About how long an answer gets, where texts are short. */
function bytesOf({ sources, rowCount }: Answer, { layout }: AnswerShape): number {
  let bytes = OTHER_BYTES;
  for (const { timestamps, columns } of sources) {
    bytes +=
      layout === 'rows'
        ? timestamps.length * columns.length * NAMED_VALUE_BYTES
        : timestamps.length * (TIME_BYTES + columns.length * COLUMN_VALUE_BYTES);
  }
  return layout === 'rows' ? bytes + rowCount * ROW_BYTES : bytes;
}

function metadataOf(
  { rowCount, total, hasMore, pointsScanned, levelMs }: Answer,
  shape: AnswerShape,
): object {
  return {
    count: rowCount,
    ...(total !== undefined && { total }),
    hasMore,
    ...shape.metadata,
    executionTimeMs: Math.round((wallClock() - shape.startedAt) * 1_000) / 1_000,
    pointsScanned,
    rollupLevel: levelMs === 0 ? null : levelName(levelMs),
  };
}

/** Milliseconds and fractions since 1970, which never go back while the process runs. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
