import { encodeFrames } from '../../wal/frame.js';
import type { RecordType, Sequence } from '../../wal/records.js';
import { encodeHeader, HEADER_BYTES, SEGMENT_VERSION, type SegmentHeader } from '../../wal/segment.js';
import { Random } from '../support/random.js';
import { bytesOf } from './recorder.js';

/**
 * What the bytes of a log file are built from, each starting at a multiple of 8:
 * full: a good record; torn: one whose second half never arrived; cut: one that ends halfway, last piece only;
 * skip: a good record whose sequence leaves one out; foreign: a good record of another file;
 * old: a good record of an earlier file in whose place this one was made;
 * newer: a good record of a type that nobody knows yet;
 * zero, garbage: no record. An array is one group: its records were on their way together.
 */
export type Piece = Entry | 'zero' | 'garbage' | readonly Entry[];
type Entry = 'full' | 'torn' | 'cut' | 'skip' | 'foreign' | 'old' | 'newer';

/** A file of the log. Record number `n` has the payload `record n `, repeated to 60 bytes. */
export function buildFile(pieces: readonly Piece[], header: Partial<SegmentHeader> = {}): Uint8Array {
  const first = header.first ?? (1 as Sequence);
  const previous = (first - 1) as Sequence;
  const full = { version: SEGMENT_VERSION, id: 0xfeed, first, previous, reused: 0, ...header };
  const random = new Random(first);
  const bytes: number[] = [...encodeHeader(full)];
  let sequence: number = first;
  for (const piece of pieces) {
    if (piece === 'zero') bytes.push(...new Uint8Array(4096));
    else if (piece === 'garbage') bytes.push(...random.bytes(200));
    else {
      const synced = bytes.length;
      for (const kind of typeof piece === 'string' ? [piece] : piece) {
        if (kind === 'skip') sequence++;
        bytes.push(...buildRecord(kind, sequence, full.id, synced));
        sequence++;
      }
    }
  }
  return new Uint8Array(bytes);
}

export function payloadOf(sequence: number): string {
  return `record ${sequence} `.repeat(8).slice(0, 60);
}

function buildRecord(kind: Entry, sequence: number, id: number, synced: number): Uint8Array {
  const record = {
    type: (kind === 'newer' ? 99 : 1) as RecordType,
    sequence: (kind === 'old' ? 1 : sequence) as Sequence,
    parts: [bytesOf(payloadOf(sequence))],
    payloadBytes: 60,
  };
  const bytes = encodeFrames([record], kind === 'foreign' || kind === 'old' ? id + 1 : id, synced)[0].slice();
  if (kind === 'torn') bytes.fill(0, bytes.length / 2);
  return kind === 'cut' ? bytes.slice(0, bytes.length / 2) : bytes;
}

/** Where record number `index` (from 0) starts in a file of full ones. */
export function offsetOf(index: number): number {
  return HEADER_BYTES + index * 88;
}
