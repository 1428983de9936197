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

/** Bytes of events at which a piece ends: nobody may want the rest of a large batch, or have room for it. */
const PIECE_BYTES = 256 * 1024;

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

/** Points of one source of a batch, one behind the other, each an event with the point as a query answers it. */
export interface PointEvents {
  readonly position: number;
  readonly ordinal: number;
  /** Number of the first point, and of the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/**
 * In pieces, each made when it is asked for: a batch may hold millions of points.
 * @param from number of the first of these points among those of the bucket in the batch
 * @throws ApiError (ANSWER_TOO_LARGE) where one point is larger than any answer
 */
export function* pointEvents(
  { values }: PackedBatch,
  source: PackedSource,
  place: { readonly position: number; readonly from: number; readonly firstRow: number; readonly id: string },
): Generator<PointEvents, void, void> {
  const { rowCount } = source;
  const { position, from, firstRow, id } = place;
  const writer = new JsonWriter(Math.min(rowCount * BYTES_PER_POINT, 2 * PIECE_BYTES));
  const { timestamps, fields, metadata } = unpackedSource(source, values);
  const rows = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) rows[row] = firstRow + row;
  const columns = { source: source.source, timestamps, rows, columns: fields, metadata };
  const printer = new RowPrinter(writer, columns, new Map([[source.source, id]]));
  let first = 0;
  for (let row = 0; row < rowCount; row++) {
    writer.text(`id: ${position}-${from + row}\ndata: `);
    printer.printNext();
    writer.text('\n\n');
    if (writer.length < PIECE_BYTES && row < rowCount - 1) continue;
    const to = row + 1;
    yield { position, ordinal: source.source, from: from + first, to: from + to, bytes: writer.take() };
    first = to;
  }
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
