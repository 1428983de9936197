/**
 * Points as columns: the one form that points have between the socket and the disk, in the head, and in answers
 * of a scan. Nothing below the request parser sees an object a point.
 */
import { assert } from './base/assert.js';
import { layoutOf } from './layout.js';

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

export interface Field {
  readonly name: string;
  readonly type: FieldType;
}

/**
 * Fields of rows, in order; names are distinct. Rows that have the same share one object, which never changes: whoever
 * has checked it, or knows where its columns go, knows it again by identity instead of by a thousand look-ups a batch.
 */
export interface Layout {
  readonly fields: readonly Field[];
}

/** Rows of one source in a packed batch. */
export interface PackedSource {
  /** Ordinal of the source. */
  readonly source: number;
  /** At least 1. */
  readonly rowCount: number;
  readonly layout: Layout;
  /** Slot of the times: `rowCount` of them, then as many of each field, then as many of metadata where there is any. */
  readonly offset: number;
  /** Distinct texts of the string fields, by position in the layout; undefined where none is a string. */
  readonly dictionaries: readonly (readonly string[] | undefined)[] | undefined;
  /** Distinct JSON texts; undefined where no row has metadata. */
  readonly metadata: readonly string[] | undefined;
}

/**
 * A batch whose columns lie in one array, source after source, as the log keeps them: it is filled once, written as
 * it is, and copied from there to the head.
 */
export interface PackedBatch {
  readonly sources: readonly PackedSource[];
  readonly values: Float64Array;
}

/** Slots that rows of a source take. */
export function slotsOf({ rowCount, layout, metadata }: Omit<PackedSource, 'offset'>): number {
  return rowCount * (1 + layout.fields.length + (metadata === undefined ? 0 : 1));
}

export function packBatch({ sources }: Batch): PackedBatch {
  const packed: PackedSource[] = [];
  let slots = 0;
  for (const { source, timestamps, fields, metadata } of sources) {
    const layout = layoutOf(fields);
    const hasTexts = fields.some(({ type }) => type === 'string');
    const described = {
      source,
      rowCount: timestamps.length,
      layout,
      dictionaries: hasTexts ? fields.map(({ dictionary }) => dictionary) : undefined,
      metadata: metadata?.dictionary,
    };
    packed.push({ ...described, offset: slots });
    slots += slotsOf(described);
  }
  const values = new Float64Array(slots);
  let at = 0;
  const put = (column: Float64Array, rowCount: number) => {
    assert(column.length === rowCount, 'columns of a source have one length');
    values.set(column, at);
    at += rowCount;
  };
  for (const { timestamps, fields, metadata } of sources) {
    put(timestamps, timestamps.length);
    for (const field of fields) put(field.values, timestamps.length);
    if (metadata !== undefined) put(metadata.values, timestamps.length);
  }
  return { sources: packed, values };
}

/** The same batch with a view a column. */
export function unpackBatch({ sources, values }: PackedBatch): Batch {
  return { sources: sources.map(source => unpackedSource(source, values)) };
}

/** Rows of a source of a packed batch, with a view a column. @param packed values of the batch */
export function unpackedSource(
  { source, rowCount, layout, offset, dictionaries, metadata }: PackedSource,
  packed: Float64Array,
): SourceBatch {
  const column = (index: number) =>
    packed.subarray(offset + index * rowCount, offset + (index + 1) * rowCount);
  const fields = layout.fields.map(({ name, type }, index) => {
    const dictionary = dictionaries?.[index];
    return { name, type, values: column(index + 1), ...(dictionary && { dictionary }) };
  });
  const timestamps = column(0);
  if (metadata === undefined) return { source, timestamps, fields };
  const described = { values: column(fields.length + 1), dictionary: metadata };
  return { source, timestamps, fields, metadata: described };
}
