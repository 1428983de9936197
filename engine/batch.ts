/**
 * Points as columns: the one form that points have between the socket and the disk, in the head, and in answers
 * of a scan. Nothing below the request parser sees an object a point.
 */

export type FieldType = 'number' | 'string' | 'boolean';

/**
 * One field of some rows. `values[row]` is
 * - number: the value itself, any double but NaN;
 * - boolean: 0 or 1;
 * - string: an index into `dictionary`;
 * and NaN where the row has no value for the field.
 */
export interface Column {
  readonly name: string;
  readonly type: FieldType;
  readonly values: Float64Array;
  /** Distinct texts; present for strings only. */
  readonly dictionary?: readonly string[];
}

/** Metadata of rows: indexes into a dictionary of JSON texts, NaN where a row has none. */
export interface MetadataColumn {
  readonly values: Float64Array;
  readonly dictionary: readonly string[];
}

/** Rows of one source, in order of arrival. All columns have one length, at least 1; field names are distinct. */
export interface SourceBatch {
  /** Ordinal of the source. */
  readonly source: number;
  /** Whole milliseconds since 1970-01-01T00:00:00Z. */
  readonly timestamps: Float64Array;
  readonly fields: readonly Column[];
  readonly metadata?: MetadataColumn;
}

/** What is stored all or nothing. Each source appears once. */
export interface Batch {
  readonly sources: readonly SourceBatch[];
}
