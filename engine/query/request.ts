/** What a query asks and answers, after the server has checked it and turned names into ordinals and numbers. */
import type { Column, MetadataColumn } from '../batch.js';
import type { TimeRange } from '../storage.js';
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

/** How an answer lies in all that there is. */
export interface RowsExtent {
  /** Whether rows follow after `offset + limit`. */
  readonly hasMore: boolean;
  /** Rows before offset and limit, where it cost nothing to know. */
  readonly total?: number;
}

/** And what it took. */
export interface AnswerExtent extends RowsExtent {
  /** Points that were looked at one by one. */
  readonly pointsScanned: number;
  /** Width of the coarsest rollup windows that took part, in milliseconds; 0 where none did. */
  readonly levelMs: number;
}

/** A field of the rows of one source, or a figure of it: NaN where a row has no value. */
export interface AnswerColumn extends Column {
  /** Present where values are answered by name of aggregation. */
  readonly aggregation?: Aggregation;
}

/** Rows of one source, in the order asked for; at least one. */
export interface SourceColumns {
  readonly source: number;
  /** Milliseconds; the start of the group for grouped rows (the range's start for one group over all). */
  readonly timestamps: Float64Array;
  /** All those with a value in some row. */
  readonly columns: readonly AnswerColumn[];
  /** Grouped rows only: matching points in each group; 0 in rows that fill gaps, where a missing value is null. */
  readonly counts?: Float64Array;
  /** Raw rows of row layout only: their numbers, which with the source make the `_id`. */
  readonly rows?: Float64Array;
  /** Raw rows of row layout only: JSON texts, NaN where a point has none. */
  readonly metadata?: MetadataColumn;
}

/**
 * How the writer lays out the answer: row by row, which takes ids, metadata and one order over all sources; or source
 * by source in columns, which takes none of them, and has no column without a value.
 */
export type Layout = 'rows' | 'columns';

export interface Answer extends AnswerExtent {
  /** Those with rows in the answer, in the order asked for. */
  readonly sources: readonly SourceColumns[];
  /** Of all sources together. */
  readonly rowCount: number;
  /** Row layout only. */
  readonly sequence?: RowSequence;
}

/** The order of rows over all sources, in runs of rows that follow each other in their source too. */
export interface RowSequence {
  /** Place in the answer's sources, for each run. */
  readonly sources: Uint32Array;
  /** Rows of each run: those of its source that follow on the run of it before. */
  readonly rowCounts: Uint32Array;
}
