/** Reads the frames of one file in bounded memory, and judges what stands where a frame should. */
import assert from 'node:assert/strict';
import type { ReadableFile } from './disk.js';
import {
  decodeFrame,
  decodeFrameBytes,
  FRAME_ALIGNMENT,
  FRAME_PAYLOAD,
  FRAME_SEQUENCE,
  FRAME_SYNCED,
  type Frame,
  readU64,
} from './frame.js';
import type { Sequence } from './records.js';
import { HEADER_BYTES, type SegmentHeader } from './segment.js';
import { isZero } from './zeros.js';

const WINDOW_BYTES = 1024 * 1024;

/** What the frames of a file come to. */
export interface SegmentScan {
  readonly records: number;
  /** Sequence of the last good record, or the one before the first where there is none. */
  readonly last: Sequence;
  /** Where the good records end. */
  readonly end: number;
  /** Up to here the file is durable for certain: a power cut may take back what follows, even if it reads well. */
  readonly synced: number;
  /**
   * clean: what follows the good records was there before they were. torn: something else does, but a power cut
   * explains it. corrupt: bytes that were durable have changed.
   */
  readonly verdict: 'clean' | 'torn' | 'corrupt';
}

/**
 * Reads every frame of a file, in order. The frame's payload is a view that the next one overwrites.
 *
 * A bad frame is corrupt, not torn, where a good one after it says that the bad one's bytes were durable when it was
 * written (its `synced` lies beyond them). A good frame after it that does not say so was in the same group: its
 * sectors reached the disk before those of the bad one did, and then the power went. Both were unacknowledged, so
 * taking that for corruption would refuse to start after an honest power cut.
 */
export function readSegment(
  file: ReadableFile,
  header: SegmentHeader,
  onFrame: (frame: Frame, offset: number) => void,
): SegmentScan {
  const window = new Window(file);
  let last = (header.first - 1) as Sequence;
  let end = HEADER_BYTES;
  let synced = HEADER_BYTES;
  let records = 0;
  while (end < file.size) {
    const frame = frameAt(window, end, header.id);
    if (frame === undefined) {
      return { records, last, end, synced, verdict: judgeTail(window, header, end, last) };
    }
    // A good frame in the wrong place was never written by us like this.
    const belongs = frame.sequence === last + 1 && frame.synced >= synced && frame.synced <= end;
    if (!belongs) return { records, last, end, synced, verdict: 'corrupt' };
    onFrame(frame, end);
    records++;
    last = frame.sequence;
    synced = frame.synced;
    end += frame.bytes;
  }
  return { records, last, end, synced, verdict: 'clean' };
}

/**
 * Looks at every later place where a frame may start for one that proves the bytes at `bad` were durable; and whether
 * there is any trace of records at all, or only what the file was made of: zeros, or before `reused` another file.
 */
function judgeTail(
  window: Window,
  header: SegmentHeader,
  bad: number,
  last: Sequence,
): SegmentScan['verdict'] {
  let hasTrace = isBeginningOfNext(window, bad, last);
  for (let offset = bad + FRAME_ALIGNMENT; offset + FRAME_PAYLOAD <= window.size; offset += FRAME_ALIGNMENT) {
    const start = window.at(offset, FRAME_PAYLOAD);
    // The fields are looked at first: a checksum for every eighth byte of a big file would take minutes.
    const synced = window.view.getUint32(start + FRAME_SYNCED, true);
    if (synced === 0 || synced > offset || synced % FRAME_ALIGNMENT !== 0) continue;
    const sequence = readU64(window.view, start + FRAME_SEQUENCE);
    if (sequence <= last || sequence > last + offset) continue;
    if (frameAt(window, offset, header.id) === undefined) continue;
    if (synced > bad) return 'corrupt';
    hasTrace = true;
  }
  return hasTrace || !isZeroFrom(window, Math.max(bad, header.reused)) ? 'torn' : 'clean';
}

/** Whether the record that should stand at `offset` has left its number there. */
function isBeginningOfNext(window: Window, offset: number, last: Sequence): boolean {
  if (offset + FRAME_PAYLOAD > window.size) return false;
  return readU64(window.view, window.at(offset, FRAME_PAYLOAD) + FRAME_SEQUENCE) === last + 1;
}

function isZeroFrom(window: Window, from: number): boolean {
  for (let offset = from; offset < window.size; offset += WINDOW_BYTES) {
    const count = Math.min(WINDOW_BYTES, window.size - offset);
    const start = window.at(offset, count);
    if (!isZero(window.bytes.subarray(start, start + count))) return false;
  }
  return true;
}

function frameAt(window: Window, offset: number, id: number): Frame | undefined {
  if (offset + FRAME_PAYLOAD > window.size) return undefined;
  const header = window.at(offset, FRAME_PAYLOAD);
  const bytes = decodeFrameBytes(window.view, header);
  if (bytes === undefined || offset + bytes > window.size) return undefined;
  const start = window.at(offset, bytes);
  return decodeFrame(window.bytes.subarray(start, start + bytes), id);
}

/** A piece of a file in memory, moved and grown as it is asked for. */
class Window {
  readonly size: number;
  readonly #file: ReadableFile;
  #bytes: Uint8Array;
  #view: DataView;
  #start = 0;
  #length = 0;

  constructor(file: ReadableFile) {
    this.#file = file;
    this.size = file.size;
    this.#bytes = new Uint8Array(Math.min(WINDOW_BYTES, file.size));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Brings `count` bytes of the file at `offset` into memory and tells where they start in `bytes`. */
  at(offset: number, count: number): number {
    if (offset < this.#start || offset + count > this.#start + this.#length) this.#move(offset, count);
    return offset - this.#start;
  }

  #move(offset: number, count: number): void {
    if (count > this.#bytes.length) {
      this.#bytes = new Uint8Array(count);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#start = offset;
    this.#length = this.#file.read(this.#bytes.subarray(0, this.size - offset), offset);
    assert(this.#length >= count, 'a log file has become shorter while it was read');
  }
}
