/** Bodies in MessagePack. */
import { isUtf8 } from 'node:buffer';
import { Unpackr } from 'msgpackr';
import { ApiError } from '../errors.js';
import { MESSAGE_PACK_DEPTH_MAX } from '../limits.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** Binaries are views of the body. @throws ApiError (INVALID_MESSAGE_PACK) */
export function parseMessagePack(bytes: Uint8Array): unknown {
  if (!isWhole(bytes)) throw new ApiError('INVALID_MESSAGE_PACK');
  try {
    return unpackr.unpack(bytes);
  } catch {
    throw new ApiError('INVALID_MESSAGE_PACK');
  }
}

/**
 * Whether the bytes are one value, all of them, nested no deeper than a few levels, with texts in UTF-8. The library makes
 * room for as many items as a head of five bytes claims to have: a few such heads in each other would take all memory
 * there is. It would put other characters in the place of bytes that are not UTF-8.
 */
function isWhole(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Values that are still to come in each of the arrays and maps around. */
  const left = [1];
  let at = 0;
  while (left.length > 0) {
    if (left[left.length - 1] === 0) {
      left.pop();
      continue;
    }
    left[left.length - 1]--;
    if (at >= bytes.length) return false;
    const head = headAt(view, at);
    if (head === undefined) return false;
    at += head.bytes;
    if (at > bytes.length || head.values > bytes.length - at) return false;
    if (head.textBytes > 0 && !isUtf8(bytes.subarray(at - head.textBytes, at))) return false;
    if (head.values > 0 && left.push(head.values) > MESSAGE_PACK_DEPTH_MAX + 1) return false;
  }
  return at === bytes.length;
}

interface ValueHead {
  /** Of the value, or of the head of an array or a map. */
  readonly bytes: number;
  /** Items of an array, twice as many as a map has members. */
  readonly values: number;
  /** Bytes of a text, at the end of the value. */
  readonly textBytes: number;
}

/** The value that begins at `at`; undefined for what is none, for extensions, and where the bytes end. */
function headAt(view: DataView, at: number): ValueHead | undefined {
  const type = view.getUint8(at);
  if (type < 0x80 || type >= 0xe0) return { bytes: 1, values: 0, textBytes: 0 };
  if (type < 0x90) return { bytes: 1, values: (type & 0x0f) * 2, textBytes: 0 };
  if (type < 0xa0) return { bytes: 1, values: type & 0x0f, textBytes: 0 };
  if (type < 0xc0) return { bytes: 1 + (type & 0x1f), values: 0, textBytes: type & 0x1f };
  const kind = KINDS[type - 0xc0];
  if (kind === undefined) return undefined;
  const { lengthBytes } = kind;
  if (at + 1 + lengthBytes > view.byteLength) return undefined;
  let length = kind.bytes ?? 0;
  if (lengthBytes === 1) length = view.getUint8(at + 1);
  else if (lengthBytes === 2) length = view.getUint16(at + 1);
  else if (lengthBytes === 4) length = view.getUint32(at + 1);
  const bytes = 1 + lengthBytes + (kind.valuesPerLength === 0 ? length : 0);
  return { bytes, values: kind.valuesPerLength * length, textBytes: kind.isText ? length : 0 };
}

interface Kind {
  /** Of the length that follows the type; 0 where the value has `bytes` after it. */
  readonly lengthBytes: number;
  readonly bytes?: number;
  /** 0: the length is of bytes; 1: of items; 2: of members. */
  readonly valuesPerLength: number;
  readonly isText?: boolean;
}

const plain = (bytes: number): Kind => ({ lengthBytes: 0, bytes, valuesPerLength: 0 });
const sized = (lengthBytes: number): Kind => ({ lengthBytes, valuesPerLength: 0 });
const text = (lengthBytes: number): Kind => ({ lengthBytes, valuesPerLength: 0, isText: true });

/** Types from 0xc0 to 0xdf, by the specification; the undefined ones are extensions, and the one that is never used. */
const KINDS: readonly (Kind | undefined)[] = [
  plain(0), // nil
  undefined,
  plain(0), // false
  plain(0), // true
  sized(1), // bin
  sized(2),
  sized(4),
  undefined, // ext
  undefined,
  undefined,
  plain(4), // float
  plain(8),
  plain(1), // uint
  plain(2),
  plain(4),
  plain(8),
  plain(1), // int
  plain(2),
  plain(4),
  plain(8),
  undefined, // fixext
  undefined,
  undefined,
  undefined,
  undefined,
  text(1), // str
  text(2),
  text(4),
  { lengthBytes: 2, valuesPerLength: 1 }, // array
  { lengthBytes: 4, valuesPerLength: 1 },
  { lengthBytes: 2, valuesPerLength: 2 }, // map
  { lengthBytes: 4, valuesPerLength: 2 },
];
