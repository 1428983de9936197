/** Server-Sent Events, as text: https://html.spec.whatwg.org/multipage/server-sent-events.html */

import type { PackedBatch, PackedSource } from '../../engine/batch.js';
import { unpackedSource } from '../../engine/batch.js';
import { JsonWriter } from '../http/json-writer.js';
import { RowPrinter } from '../http/rows.js';

/** Place of an event among those of its bucket: position of the batch, and number of the point in the batch. */
export interface EventId {
  readonly position: number;
  readonly index: number;
}

const EVENT_ID = /^(\d{1,15})-(\d{1,9})$/;
const BYTES_PER_POINT = 200;
const NEW_LINE = 0x0a;

export const HEARTBEAT = Buffer.from(':\n\n');

export function parseEventId(text: string): EventId | undefined {
  const [, position, index] = EVENT_ID.exec(text) ?? [];
  return position === undefined ? undefined : { position: Number(position), index: Number(index) };
}

/** An event with a name of its own: clients that know nothing of it do not see it. */
export function namedEvent(name: string, data: object): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Points of one source of a batch, each an event with the point as a query answers it. */
export interface PointEvents {
  readonly position: number;
  readonly ordinal: number;
  /** Number of the first point, and of the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** @param from number of the first of these points among those of the bucket in the batch */
export function pointEvents(
  { values }: PackedBatch,
  source: PackedSource,
  place: { readonly position: number; readonly from: number; readonly firstRow: number; readonly id: string },
): PointEvents {
  const { rowCount } = source;
  const { position, from, firstRow, id } = place;
  const writer = new JsonWriter(rowCount * BYTES_PER_POINT);
  const { timestamps, fields, metadata } = unpackedSource(source, values);
  const rows = Float64Array.from({ length: rowCount }, (_, row) => firstRow + row);
  const columns = { source: source.source, timestamps, rows, columns: fields, metadata };
  const printer = new RowPrinter(writer, columns, new Map([[source.source, id]]));
  for (let row = 0; row < rowCount; row++) {
    writer.text(`id: ${position}-${from + row}\ndata: `);
    printer.printNext();
    writer.text('\n\n');
  }
  // The writer's memory is larger than what is in it, and these are kept.
  const bytes = new Uint8Array(writer.finish());
  return { position, ordinal: source.source, from, to: from + rowCount, bytes };
}

/** Those behind an event that the client has seen; JSON has no line breaks, so an empty line ends an event. */
export function eventsAfter({ position, from, to, bytes }: PointEvents, seen: EventId): Uint8Array {
  if (position > seen.position || (position === seen.position && from > seen.index)) return bytes;
  if (position < seen.position || to <= seen.index + 1) return bytes.subarray(bytes.length);
  let at = 0;
  for (let skipped = from; skipped <= seen.index; skipped++) {
    while (bytes[at] !== NEW_LINE || bytes[at + 1] !== NEW_LINE) at++;
    at += 2;
  }
  return bytes.subarray(at);
}
