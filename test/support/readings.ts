/** What a storage answers as lines of text that tell every bit, and the rules that every chunk must keep. */
import { assert } from '../../engine/base/assert.js';
import type { Column } from '../../engine/batch.js';
import type { Scalar } from '../../engine/query/request.js';
import type {
  FieldSummary,
  Readable,
  ScanChunk,
  ScanRequest,
  Storage,
  SummaryChunk,
  SummaryRequest,
} from '../../engine/storage.js';
import { metadataAt, valueAt } from './columns.js';

/** A line a row, such as `7/0 @1500 {"t":-0} meta`: fields by name. */
export async function readRows(storage: Storage, request: ScanRequest): Promise<string[]> {
  const lines: string[] = [];
  for await (const chunk of storage.scan(request)) lines.push(...rowLines(chunk, request));
  return lines;
}

export function rowLines(chunk: ScanChunk, request: ScanRequest): string[] {
  const { source, timestamps, rows, fields, metadata } = chunk;
  assert(request.sources.includes(source), 'the chunk is of a source asked for');
  assert(timestamps.length > 0, 'a chunk is not empty');
  assert(rows.length === timestamps.length, 'there are as many row numbers as timestamps');
  assertColumns(fields, timestamps.length, request.fields);
  assert(request.metadata || metadata === undefined, 'metadata is given only where it is wanted');
  assert(metadata === undefined || metadata.values.length === timestamps.length, 'metadata is as long');
  const sorted = [...fields].sort(byName);
  return Array.from(timestamps, (time, index) => {
    const values = sorted.flatMap(field => {
      const value = valueAt(field, index);
      return value === undefined ? [] : [`${JSON.stringify(field.name)}:${textOf(value)}`];
    });
    const text = metadataAt(metadata, index);
    return `${source}/${rows[index]} @${time} {${values}}${text === undefined ? '' : ` ${text}`}`;
  });
}

export interface ReadGroups {
  /** Two lines a group and more: its start and rows, and a line a field with all but its sum. */
  readonly lines: string[];
  /** In the order of the fields' lines. */
  readonly sums: ReadSum[];
}

export interface ReadSum {
  readonly sum: number;
  readonly count: number;
  /** Of the absolute values. */
  readonly largest: number;
}

export async function readGroups(storage: Readable, request: SummaryRequest): Promise<ReadGroups> {
  const read: ReadGroups = { lines: [], sums: [] };
  const lastStarts = new Map<number, number>();
  for await (const chunk of storage.summarise(request)) {
    const { source, starts, rowCounts, fields } = chunk;
    assert(starts.length > 0, 'a chunk is not empty');
    assert(rowCounts.length === starts.length, 'there are as many counts as groups');
    assertColumns(
      fields.map(field => ({ ...field, values: field.first })),
      starts.length,
      request.fields,
    );
    for (let group = 0; group < starts.length; group++) {
      assert(starts[group] > (lastStarts.get(source) ?? -Infinity), 'groups ascend, each given once');
      assert(rowCounts[group] > 0, 'no group is empty');
      lastStarts.set(source, starts[group]);
      addGroup(read, chunk, group);
    }
  }
  return read;
}

function addGroup({ lines, sums }: ReadGroups, chunk: SummaryChunk, group: number): void {
  lines.push(`${chunk.source} @${chunk.starts[group]} rows ${chunk.rowCounts[group]}`);
  for (const field of [...chunk.fields].sort(byName)) {
    const count = field.count[group];
    assert(count <= chunk.rowCounts[group], 'a field has at most as many values as there are rows');
    if (count === 0) continue;
    lines.push(fieldLine(field, group));
    const largest = Math.max(Math.abs(field.min[group]), Math.abs(field.max[group]));
    sums.push({ sum: field.sum[group], count, largest });
  }
}

function fieldLine(field: FieldSummary, group: number): string {
  const { name, type, dictionary } = field;
  const end = (values: Float64Array) => textOf(valueAt({ name, type, values, dictionary }, group) as Scalar);
  // Which zero is the smaller is nobody's business.
  const extreme = (value: number) => textOf(value + 0);
  return [
    `  ${JSON.stringify(name)} ${type} count ${field.count[group]}`,
    `min ${extreme(field.min[group])} max ${extreme(field.max[group])}`,
    `first ${end(field.first)} @${field.firstTime[group]} last ${end(field.last)} @${field.lastTime[group]}`,
  ].join(' ');
}

/** Whether two sums agree but for rounding. Where finite numbers may overflow, the order of adding decides. */
export function sumsAgree(actual: ReadSum, wanted: ReadSum): boolean {
  if (Object.is(actual.sum, wanted.sum)) return true;
  if (wanted.largest === Infinity) return !Number.isFinite(wanted.sum) && !Number.isFinite(actual.sum);
  const scale = wanted.count * wanted.largest;
  return scale === Infinity || Math.abs(actual.sum - wanted.sum) <= 4 * Number.EPSILON * scale;
}

/** A number with every bit, -0 among them; a text in quotes. */
export function textOf(value: Scalar | null): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return Object.is(value, -0) ? '-0' : String(value);
}

function assertColumns(
  columns: readonly Column[],
  length: number,
  wanted: readonly string[] | undefined,
): void {
  assert(new Set(columns.map(({ name }) => name)).size === columns.length, 'field names are distinct');
  for (const { name, type, values, dictionary } of columns) {
    assert(wanted === undefined || wanted.includes(name), 'a field is one of those wanted');
    assert(values.length === length, 'all columns have one length');
    assert((type === 'string') === (dictionary !== undefined), 'strings, and only they, have a dictionary');
    for (const value of values) {
      const isValid =
        Number.isNaN(value) ||
        type === 'number' ||
        (Number.isInteger(value) && value >= 0 && value < (dictionary?.length ?? 2));
      assert(isValid, `${value} means something in a column of ${type}`);
    }
  }
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : 1;
}
