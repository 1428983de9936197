import { ApiError } from '../errors.js';
import { ANSWER_BYTES_MAX } from '../limits.js';

const START_BYTES = 64 * 1024;

/**
 * Bytes of an answer that is being written. Of its own memory: no other buffer shares it.
 * @param expected how many it will be, about: growing copies all that is there
 */
export function startAnswer(expected: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.min(ANSWER_BYTES_MAX, Math.max(START_BYTES, Math.ceil(expected))));
}

/**
 * The bytes themselves, or the first `length` of them in a larger buffer: so that `byteCount` more have room.
 * @throws ApiError (ANSWER_TOO_LARGE)
 */
export function withRoom(bytes: Buffer, length: number, byteCount: number): Buffer {
  const wanted = length + byteCount;
  if (wanted <= bytes.length) return bytes;
  if (wanted > ANSWER_BYTES_MAX) throw new ApiError('ANSWER_TOO_LARGE');
  const larger = Buffer.allocUnsafeSlow(Math.min(ANSWER_BYTES_MAX, Math.max(wanted, 2 * bytes.length)));
  larger.set(bytes.subarray(0, length));
  return larger;
}
