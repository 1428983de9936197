import { createHash } from 'node:crypto';
import type { Column } from '../../engine/batch.js';
import type { ScanChunk, Storage } from '../../engine/storage.js';

/** A row as plain JSON. Numbers are texts, so that −0 and infinities stay what they are. */
export interface PlainRow {
  readonly source: number;
  readonly row: number;
  readonly time: number;
  readonly values: Readonly<Record<string, string | boolean>>;
  readonly metadata?: string;
}

/** All rows of sources, in the order of a scan. */
export async function plainRows(storage: Storage, sources: readonly number[]): Promise<PlainRow[]> {
  const rows: PlainRow[] = [];
  const request = { sources, startTime: 0, endTime: 2 ** 43, order: 'asc', metadata: true } as const;
  for await (const chunk of storage.scan(request)) {
    for (let index = 0; index < chunk.timestamps.length; index++) rows.push(plainRow(chunk, index));
  }
  return rows;
}

/** SHA-256 of rows, in hex. */
export function digestOf(rows: readonly PlainRow[]): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

function plainRow({ source, timestamps, rows, fields, metadata }: ScanChunk, index: number): PlainRow {
  const present = fields.filter(({ values }) => !Number.isNaN(values[index]));
  const text = metadata?.dictionary[metadata.values[index]];
  return {
    source,
    row: rows[index],
    time: timestamps[index],
    values: Object.fromEntries(present.map(column => [column.name, plainValue(column, index)])),
    ...(text !== undefined && { metadata: text }),
  };
}

function plainValue({ type, values, dictionary }: Column, index: number): string | boolean {
  const value = values[index];
  if (type === 'boolean') return value === 1;
  if (dictionary !== undefined) return dictionary[value];
  return Object.is(value, -0) ? '-0' : String(value);
}
