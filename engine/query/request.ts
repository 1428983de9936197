/** What a query asks and answers, after the server has checked it and turned names into ordinals and numbers. */
import type { Column } from '../batch.js';
import type { Storage, TimeRange } from '../storage.js';
import type { GroupSpec } from './groups.js';

/** `pNN` is the NNth percentile by linear interpolation between closest ranks (50 to 99); `median` is p50. */
export type Aggregation =
  | 'avg'
  | 'min'
  | 'max'
  | 'sum'
  | 'count'
  | 'first'
  | 'last'
  | 'median'
  /** Population standard deviation. */
  | 'stddev'
  /** max − min. */
  | 'range'
  /** (last − first) ÷ seconds between them; absent where there is no time between. */
  | 'rate'
  | `p${number}`;

export type Scalar = number | string | boolean;

/** Every member given must hold. A row without the field, or whose field has another type, never matches. */
export interface ValueCondition {
  readonly gt?: Scalar;
  readonly gte?: Scalar;
  readonly lt?: Scalar;
  readonly lte?: Scalar;
  readonly eq?: Scalar;
  readonly ne?: Scalar;
}

/**
 * What becomes of groups without points: no rows; rows of nulls; the last known values, null before the first; or
 * numbers on the line between the groups before and after, null where one of these has none, and the last known
 * strings and booleans.
 */
export type Fill = 'none' | 'null' | 'previous' | 'linear';

/**
 * Rows chosen for drawing: of each source those that the method chooses for any of its number fields, as they are.
 * - `m4`: of each of points ÷ 4 columns of equal width over the range, the first and the last row with a value, and
 *   the first ones with the least and the greatest (Jugel et al., VLDB 2014). Draws what all rows would draw.
 * - `minmax`: of each of points ÷ 2 columns, the first rows with the least and the greatest value.
 * - `lttb`: as many rows as points, largest triangles of three (Steinarsson 2013), first and last among them.
 *   Holds all rows of a source while it chooses.
 *
 * Of a column without any number, the first and the last row. There is at least one column: fewer points than it
 * may give are given all the same. Of one point, `lttb` chooses the first row, of two the first and the last.
 */
export interface Downsample {
  readonly method: 'm4' | 'minmax' | 'lttb';
  /** Of each number field; at least 1. */
  readonly points: number;
}

export interface QueryRequest extends TimeRange {
  /** Ordinals; rows of equal time come in this order. */
  readonly sources: readonly number[];
  /** A projection: rows keep their place even where none of these has a value. */
  readonly fields?: readonly string[];
  /** Equality on members of the metadata object; nested values are compared as JSON, members in any order. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly values?: Readonly<Record<string, ValueCondition>>;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly offset: number;
  /** Of raw rows only; all rows where absent. The range then has an end. */
  readonly downsample?: Downsample;
  /** Raw rows where absent. Distinct, at least one. */
  readonly aggregations?: readonly Aggregation[];
  /** Whether values are answered by name of aggregation; where false there is exactly one aggregation. */
  readonly several?: boolean;
  /** Present exactly when `aggregations` is. */
  readonly groups?: GroupSpec;
  /** Of groups; none where absent. The range then has an end. */
  readonly fill?: Fill;
}

/** Values of a row by field, or by field and aggregation; nulls only in rows that fill gaps. */
export type RowValues = Record<string, Scalar | null | Record<string, Scalar | null>>;

export interface QueryRow {
  readonly source: number;
  /** Raw rows only: the row number, which with the source makes the `_id`. */
  readonly row?: number;
  /** Milliseconds; the start of the group for grouped rows (the range's start for one group over all). */
  readonly timestamp: number;
  readonly values: RowValues;
  /** Raw rows only, and only where the point has metadata: its JSON text. */
  readonly metadata?: string;
  /** Grouped rows only: matching points in the group; 0 in rows that fill gaps. */
  readonly count?: number;
}

/** How an answer lies in all that there is. */
export interface AnswerExtent {
  /** Whether rows follow after `offset + limit`. */
  readonly hasMore: boolean;
  /** Rows before offset and limit, where it cost nothing to know. */
  readonly total?: number;
  readonly pointsScanned: number;
}

export interface QueryResult extends AnswerExtent {
  readonly rows: QueryRow[];
}

/** A field of the rows of one source, or a figure of it: NaN where a row has no value. */
export interface AnswerColumn extends Column {
  /** Present where values are answered by name of aggregation. */
  readonly aggregation?: Aggregation;
}

/** The rows of one source, in the order asked for; at least one. */
export interface SourceColumns {
  readonly source: number;
  /** As of the rows. */
  readonly timestamps: Float64Array;
  /** Those with a value in some row. */
  readonly columns: readonly AnswerColumn[];
  /** Grouped rows only: matching points in each group. */
  readonly counts?: Float64Array;
}

export interface ColumnsResult extends AnswerExtent {
  /** Those with rows in the answer, in the order asked for. */
  readonly sources: readonly SourceColumns[];
  /** Of all sources together. */
  readonly rowCount: number;
}

export type RunQuery = (
  storage: Storage,
  request: QueryRequest,
  signal?: AbortSignal,
) => Promise<QueryResult>;

export type RunColumns = (
  storage: Storage,
  request: QueryRequest,
  signal?: AbortSignal,
) => Promise<ColumnsResult>;
