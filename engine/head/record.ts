/** The engine's log records. Bytes: engine/FORMAT.md, "Points record", "Marked points record" and "Erase record". */
import { assert } from '../base/assert.js';
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { type Field, type Layout, type PackedBatch, type PackedSource, slotsOf } from '../batch.js';
import { FIELD_TYPE_CODES, fieldTypeOf } from '../field-codes.js';
import { layoutOf } from '../layout.js';

export const POINTS_VERSION = 1;
export const ERASE_VERSION = 1;

export interface PlacedBatch {
  readonly batch: PackedBatch;
  /** Row number of the first row of each source. */
  readonly firstRows: readonly number[];
}

/** Two parts: a description, padded to 8 bytes, and the values as they lie in the batch. */
export function encodePoints({ batch: { sources, values }, firstRows }: PlacedBatch): Uint8Array[] {
  const writer = new ByteWriter(1024);
  const names = new Map<string, number>();
  const layouts = new Map<Layout, Uint8Array>();
  for (const { layout } of sources) {
    if (layouts.has(layout)) continue;
    for (const { name } of layout.fields) if (!names.has(name)) names.set(name, names.size);
    layouts.set(layout, encodeLayout(layout, names));
  }
  writer.u8(POINTS_VERSION);
  writer.varint(names.size);
  for (const name of names.keys()) writer.text(name);
  writer.varint(sources.length);
  let slots = 0;
  for (let index = 0; index < sources.length; index++) {
    const source = sources[index];
    assert(source.offset === slots, 'sources of a batch lie without gaps');
    slots += slotsOf(source);
    writer.varint(source.source);
    writer.varint(firstRows[index]);
    writer.varint(source.rowCount);
    if (source.dictionaries === undefined) writer.raw(layouts.get(source.layout) as Uint8Array);
    else writeTextLayout(writer, source.layout, source.dictionaries, names);
    writer.u8(source.metadata === undefined ? 0 : 1);
    if (source.metadata !== undefined) writeTexts(writer, source.metadata);
  }
  writer.pad(8);
  assert(values.length === slots, 'a batch has no other values than those of its sources');
  return [writer.finish(), new Uint8Array(values.buffer, values.byteOffset, values.byteLength)];
}

/** Count, names and types of fields without texts. */
function encodeLayout({ fields }: Layout, names: ReadonlyMap<string, number>): Uint8Array {
  const writer = new ByteWriter(4 * fields.length + 8);
  writer.varint(fields.length);
  for (const { name, type } of fields) {
    writer.varint(names.get(name) as number);
    writer.u8(FIELD_TYPE_CODES[type]);
  }
  return writer.finish();
}

function writeTextLayout(
  writer: ByteWriter,
  { fields }: Layout,
  dictionaries: readonly (readonly string[] | undefined)[],
  names: ReadonlyMap<string, number>,
): void {
  writer.varint(fields.length);
  for (let index = 0; index < fields.length; index++) {
    const { name, type } = fields[index];
    writer.varint(names.get(name) as number);
    writer.u8(FIELD_TYPE_CODES[type]);
    if (type === 'string') writeTexts(writer, dictionaries[index] ?? []);
  }
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
  const layouts = new Layouts();
  const sources: PackedSource[] = [];
  const firstRows: number[] = [];
  let slots = 0;
  for (let index = 0; index < sourceCount; index++) {
    const source = reader.varint();
    firstRows.push(reader.varint());
    const described = { source, ...readRows(reader, names, layouts) };
    sources.push({ ...described, offset: slots });
    slots += slotsOf(described);
  }
  reader.pad(8);
  const values = doublesOf(reader.raw(reader.remaining));
  if (slots > values.length) throw new BytesError('A column goes past the end');
  if (slots < values.length) throw new BytesError('Values are left over');
  return { batch: { sources, values }, firstRows };
}

/** The layouts of a record: most of its sources have that of the one before. */
class Layouts {
  #fields: readonly Field[] = [];
  #layout: Layout | undefined;

  of(fields: readonly Field[]): Layout {
    if (this.#layout === undefined || !isEqual(fields, this.#fields)) {
      this.#layout = layoutOf(fields);
      this.#fields = fields;
    }
    return this.#layout;
  }
}

function isEqual(left: readonly Field[], right: readonly Field[]): boolean {
  return (
    left.length === right.length &&
    left.every(({ name, type }, index) => name === right[index].name && type === right[index].type)
  );
}

function readRows(
  reader: ByteReader,
  names: readonly string[],
  layouts: Layouts,
): Pick<PackedSource, 'rowCount' | 'layout' | 'dictionaries' | 'metadata'> {
  const rowCount = reader.count(8);
  const fieldCount = reader.count(2);
  const fields: Field[] = [];
  let dictionaries: (string[] | undefined)[] | undefined;
  for (let index = 0; index < fieldCount; index++) {
    const name = names[reader.varint()];
    if (name === undefined) throw new BytesError('A field has no name');
    const type = fieldTypeOf(reader.u8());
    fields.push({ name, type });
    if (type !== 'string') continue;
    dictionaries ??= new Array(fieldCount).fill(undefined);
    dictionaries[index] = readTexts(reader);
  }
  const metadata = reader.u8() === 1 ? readTexts(reader) : undefined;
  return { rowCount, layout: layouts.of(fields), dictionaries, metadata };
}

function readTexts(reader: ByteReader): string[] {
  const texts: string[] = [];
  for (let left = reader.count(); left > 0; left--) texts.push(reader.text());
  return texts;
}

function doublesOf(bytes: Uint8Array): Float64Array {
  if (bytes.length % 8 !== 0) throw new BytesError('Values are cut');
  if (bytes.byteOffset % 8 === 0) return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  return new Float64Array(new Uint8Array(bytes).buffer);
}

/** A points record with a caller's mark before it. */
export function encodeMarkedPoints(mark: Uint8Array, record: readonly Uint8Array[]): Uint8Array[] {
  const writer = new ByteWriter(mark.length + 16);
  writer.u32(mark.length);
  writer.raw(mark);
  writer.pad(8);
  return [writer.finish(), ...record];
}

/**
 * Views, not copies.
 * @throws BytesError where the payload is too short for its mark.
 */
export function decodeMarkedPoints(payload: Uint8Array): { mark: Uint8Array; record: Uint8Array } {
  const reader = new ByteReader(payload);
  const mark = reader.raw(reader.u32());
  reader.pad(8);
  return { mark, record: reader.raw(reader.remaining) };
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
