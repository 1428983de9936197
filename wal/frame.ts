/** One record as bytes: header, payload, zeros up to a multiple of 8. FORMAT.md draws it. */
import { crc32c } from '@node-rs/crc32';
import type { RecordType, Sequence } from './records.js';

export const FRAME_CRC = 0; // u32, over [FRAME_LENGTH, end of the padding), seeded with the id of the file
export const FRAME_LENGTH = FRAME_CRC + 4; // u32, bytes of the payload, padding not counted
export const FRAME_SEQUENCE = FRAME_LENGTH + 4; // u64, as two u32, the low one first
export const FRAME_SYNCED = FRAME_SEQUENCE + 8; // u32, the file was durable up to here when the frame was written
export const FRAME_TYPE = FRAME_SYNCED + 4; // u16
export const FRAME_RESERVED = FRAME_TYPE + 2; // u16, zero
export const FRAME_PAYLOAD = FRAME_RESERVED + 2;

export const FRAME_ALIGNMENT = 8;

/** Largest payload. A reader holds one whole record in memory, and a rotten length must not make it hold more. */
export const PAYLOAD_BYTES_MAX = 256 * 1024 * 1024;

/** Parts below this are copied together: a system call takes only so many parts, and each costs more than its copy. */
const COPIED_PART_BYTES_MAX = 8 * 1024;

export interface Frame {
  /** As read: a newer version may have types that this one does not know. */
  readonly type: number;
  readonly sequence: Sequence;
  readonly synced: number;
  /** Bytes of the whole frame, padding included. */
  readonly bytes: number;
  readonly payload: Uint8Array;
}

/** What is known of a record before its place in a file is. */
export interface FrameSource {
  readonly type: RecordType;
  readonly sequence: Sequence;
  readonly parts: readonly Uint8Array[];
  /** Bytes of the payload: of all the parts. */
  readonly payloadBytes: number;
}

export function frameBytes(payloadBytes: number): number {
  return Math.ceil((FRAME_PAYLOAD + payloadBytes) / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}

export function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset + 4, true) * 0x1_0000_0000 + view.getUint32(offset, true);
}

export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 0x1_0000_0000, true);
  view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
}

/**
 * Frames of one group, ready to be written one after another. Big parts are passed on as they are, not copied.
 * @param id of the file; seeds every checksum, so that no byte of another file can pass for a record of this one.
 * @param synced offset in the file up to which everything is durable: where the group starts.
 */
export function encodeFrames(records: readonly FrameSource[], id: number, synced: number): Uint8Array[] {
  const copied = Buffer.allocUnsafe(copiedBytes(records));
  const view = new DataView(copied.buffer, copied.byteOffset, copied.byteLength);
  const out: Uint8Array[] = [];
  let at = 0;
  let written = 0;
  for (const record of records) {
    const start = at;
    view.setUint32(start + FRAME_LENGTH, record.payloadBytes, true);
    writeU64(view, start + FRAME_SEQUENCE, record.sequence);
    view.setUint32(start + FRAME_SYNCED, synced, true);
    view.setUint16(start + FRAME_TYPE, record.type, true);
    view.setUint16(start + FRAME_RESERVED, 0, true);
    at += FRAME_PAYLOAD;
    let crc = id;
    let summed = start + FRAME_LENGTH;
    for (const part of record.parts) {
      if (part.length < COPIED_PART_BYTES_MAX) {
        copied.set(part, at);
        at += part.length;
        continue;
      }
      crc = crc32c(part, crc32c(copied.subarray(summed, at), crc));
      summed = at;
      out.push(copied.subarray(written, at), part);
      written = at;
    }
    const padding = frameBytes(record.payloadBytes) - FRAME_PAYLOAD - record.payloadBytes;
    copied.fill(0, at, at + padding);
    at += padding;
    view.setUint32(start + FRAME_CRC, crc32c(copied.subarray(summed, at), crc), true);
  }
  if (written < at) out.push(copied.subarray(written, at));
  return out;
}

/** Bytes of the frame that would start here, by its length field; undefined where no frame can. */
export function decodeFrameBytes(view: DataView, offset: number): number | undefined {
  const length = view.getUint32(offset + FRAME_LENGTH, true);
  if (length > PAYLOAD_BYTES_MAX || view.getUint16(offset + FRAME_RESERVED, true) !== 0) return undefined;
  return frameBytes(length);
}

/**
 * The frame at the start of `bytes`, which end where it does, or undefined where the checksum does not hold.
 * The payload is a view.
 */
export function decodeFrame(bytes: Uint8Array, id: number): Frame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (crc32c(bytes.subarray(FRAME_LENGTH), id) !== view.getUint32(FRAME_CRC, true)) return undefined;
  const length = view.getUint32(FRAME_LENGTH, true);
  return {
    type: view.getUint16(FRAME_TYPE, true),
    sequence: readU64(view, FRAME_SEQUENCE) as Sequence,
    synced: view.getUint32(FRAME_SYNCED, true),
    bytes: bytes.length,
    payload: bytes.subarray(FRAME_PAYLOAD, FRAME_PAYLOAD + length),
  };
}

function copiedBytes(records: readonly FrameSource[]): number {
  let total = 0;
  for (const record of records) {
    total += frameBytes(record.payloadBytes) - record.payloadBytes;
    for (const part of record.parts) if (part.length < COPIED_PART_BYTES_MAX) total += part.length;
  }
  return total;
}
