/** Answers as objects of rows, which is what tests compare. */
import { Progress } from '../../engine/query/progress.js';
import type {
  Answer,
  AnswerExtent,
  QueryRequest,
  Scalar,
  SourceColumns,
} from '../../engine/query/request.js';
import { runQuery as run } from '../../engine/query/run.js';
import type { Readable } from '../../engine/storage.js';
import { metadataAt, valueAt } from './columns.js';

/** Values of a row by field, or by field and aggregation; nulls only in rows that fill gaps. */
export type RowValues = Record<string, Scalar | null | Record<string, Scalar | null>>;

export interface QueryRow {
  readonly source: number;
  /** Raw rows only. */
  readonly row?: number;
  readonly timestamp: number;
  readonly values: RowValues;
  /** Raw rows only, and only where the point has metadata: its JSON text. */
  readonly metadata?: string;
  /** Grouped rows only. */
  readonly count?: number;
}

export interface QueryResult extends AnswerExtent {
  readonly rows: QueryRow[];
}

export async function runQuery(
  readable: Readable,
  request: QueryRequest,
  signal?: AbortSignal,
): Promise<QueryResult> {
  const answer = await run(readable, request, 'rows', new Progress(signal));
  const { sources, sequence, rowCount, ...extent } = answer;
  return { rows: rowsOfAnswer(answer), ...extent };
}

export function runColumns(readable: Readable, request: QueryRequest, signal?: AbortSignal): Promise<Answer> {
  return run(readable, request, 'columns', new Progress(signal));
}

function rowsOfAnswer({ sources, sequence }: Answer): QueryRow[] {
  const next = sources.map(() => 0);
  return Array.from(sequence?.sources ?? []).flatMap((source, run) =>
    Array.from({ length: sequence!.rowCounts[run] }, () => rowOf(sources[source], next[source]++)),
  );
}

function rowOf(
  { source, timestamps, columns, counts, rows, metadata }: SourceColumns,
  row: number,
): QueryRow {
  const values: RowValues = {};
  for (const column of columns) {
    const isGap = counts?.[row] === 0;
    const value = valueAt(column, row) ?? (isGap ? null : undefined);
    if (value === undefined) continue;
    const { name, aggregation } = column;
    if (aggregation === undefined) define(values, name, value);
    else {
      if (!Object.hasOwn(values, name)) define(values, name, {});
      define(values[name] as RowValues, aggregation, value);
    }
  }
  const text = metadataAt(metadata, row);
  return {
    source,
    ...(rows && { row: rows[row] }),
    timestamp: timestamps[row],
    values,
    ...(text !== undefined && { metadata: text }),
    ...(counts && { count: counts[row] }),
  };
}

/** Sets an own member whatever its name: assigning to `__proto__` would set something else. */
function define(values: RowValues, name: string, value: RowValues[string]): void {
  Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
}
