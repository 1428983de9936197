/** The engine's log records. Bytes: engine/FORMAT.md, "Points record" and "Erase record". */
import { assert } from '../base/assert.js';
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import type { Batch, Column, MetadataColumn, SourceBatch } from '../batch.js';
import { FIELD_TYPE_CODES, fieldTypeOf } from '../field-codes.js';

export const POINTS_VERSION = 1;
export const ERASE_VERSION = 1;

export interface PlacedBatch {
  readonly batch: Batch;
  /** Row number of the first row of each source. */
  readonly firstRows: readonly number[];
}

/** Two parts: a description, padded to 8 bytes, and every column's values one after another. */
export function encodePoints({ batch, firstRows }: PlacedBatch): Uint8Array[] {
  const writer = new ByteWriter(1024);
  const names = new Map<string, number>();
  let valueCount = 0;
  for (const source of batch.sources) {
    for (const { name } of source.fields) if (!names.has(name)) names.set(name, names.size);
    valueCount += source.timestamps.length * columnCountOf(source);
  }
  writer.u8(POINTS_VERSION);
  writer.varint(names.size);
  for (const name of names.keys()) writer.text(name);
  writer.varint(batch.sources.length);
  for (let index = 0; index < batch.sources.length; index++) {
    writeSource(writer, batch.sources[index], firstRows[index], names);
  }
  writer.pad(8);
  const values = new Float64Array(valueCount);
  let at = 0;
  for (const source of batch.sources) {
    values.set(source.timestamps, at);
    at += source.timestamps.length;
    for (const field of source.fields) {
      values.set(field.values, at);
      at += field.values.length;
    }
    if (source.metadata !== undefined) {
      values.set(source.metadata.values, at);
      at += source.metadata.values.length;
    }
  }
  assert(at === valueCount, 'columns of a source have one length');
  return [writer.finish(), new Uint8Array(values.buffer)];
}

function columnCountOf(source: SourceBatch): number {
  return 1 + source.fields.length + (source.metadata === undefined ? 0 : 1);
}

function writeSource(
  writer: ByteWriter,
  source: SourceBatch,
  firstRow: number,
  names: Map<string, number>,
): void {
  writer.varint(source.source);
  writer.varint(firstRow);
  writer.varint(source.timestamps.length);
  writer.varint(source.fields.length);
  for (const field of source.fields) {
    writer.varint(names.get(field.name) as number);
    writer.u8(FIELD_TYPE_CODES[field.type]);
    if (field.type === 'string') writeTexts(writer, field.dictionary as readonly string[]);
  }
  writer.u8(source.metadata === undefined ? 0 : 1);
  if (source.metadata !== undefined) writeTexts(writer, source.metadata.dictionary);
}

function writeTexts(writer: ByteWriter, texts: readonly string[]): void {
  writer.varint(texts.length);
  for (const text of texts) writer.text(text);
}

/**
 * @throws BytesError where the payload is not a points record: the log's checksum held, so it was written wrong.
 */
export function decodePoints(payload: Uint8Array): PlacedBatch {
  const reader = new ByteReader(payload);
  const version = reader.u8();
  if (version !== POINTS_VERSION) throw new BytesError(`Version ${version} of a points record is unknown`);
  const names = readTexts(reader);
  const sourceCount = reader.count(4);
  const heads: SourceHead[] = [];
  for (let index = 0; index < sourceCount; index++) heads.push(readSource(reader, names));
  reader.pad(8);
  const values = doublesOf(reader.raw(reader.remaining));
  let at = 0;
  const take = (count: number) => {
    if (at + count > values.length) throw new BytesError('A column goes past the end');
    at += count;
    return values.subarray(at - count, at);
  };
  const sources = heads.map(head => ({
    source: head.source,
    timestamps: take(head.rowCount),
    fields: head.fields.map(field => ({ ...field, values: take(head.rowCount) })),
    ...(head.metadata && { metadata: { dictionary: head.metadata, values: take(head.rowCount) } }),
  }));
  if (at !== values.length) throw new BytesError('Values are left over');
  return { batch: { sources }, firstRows: heads.map(head => head.firstRow) };
}

interface SourceHead {
  readonly source: number;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly fields: Omit<Column, 'values'>[];
  readonly metadata: MetadataColumn['dictionary'] | undefined;
}

function readSource(reader: ByteReader, names: readonly string[]): SourceHead {
  const source = reader.varint();
  const firstRow = reader.varint();
  const rowCount = reader.count(8);
  const fieldCount = reader.count(2);
  const fields: Omit<Column, 'values'>[] = [];
  for (let index = 0; index < fieldCount; index++) {
    const name = names[reader.varint()];
    if (name === undefined) throw new BytesError('A field has no name');
    const type = fieldTypeOf(reader.u8());
    fields.push(type === 'string' ? { name, type, dictionary: readTexts(reader) } : { name, type });
  }
  const metadata = reader.u8() === 1 ? readTexts(reader) : undefined;
  return { source, firstRow, rowCount, fields, metadata };
}

function readTexts(reader: ByteReader): string[] {
  const texts: string[] = [];
  for (let left = reader.count(); left > 0; left--) texts.push(reader.text());
  return texts;
}

function doublesOf(bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0) throw new BytesError('Values are cut');
  if (bytes.byteOffset % 8 === 0) return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  return new Float64Array(bytes.slice().buffer);
}

/** Ordinals of the sources erased. */
export function encodeErase(sources: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(ERASE_VERSION);
  writer.varint(sources.length);
  for (const source of sources) writer.varint(source);
  return writer.finish();
}

/** @throws BytesError where the payload is not an erase record. */
export function decodeErase(payload: Uint8Array): number[] {
  const reader = new ByteReader(payload);
  const version = reader.u8();
  if (version !== ERASE_VERSION) throw new BytesError(`Version ${version} of an erase record is unknown`);
  const sources: number[] = [];
  for (let left = reader.count(); left > 0; left--) sources.push(reader.varint());
  if (reader.remaining > 0) throw new BytesError('An erase record has bytes left over');
  return sources;
}
