import t from 'tap';
import { BytesError } from '../../../engine/base/bytes.js';
import { packBatch, unpackBatch } from '../../../engine/batch.js';
import {
  decodeErase,
  decodeMarkedPoints,
  decodePoints,
  encodeErase,
  encodeMarkedPoints,
  encodePoints,
} from '../../../engine/head/record.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`seed ${seed}`);

t.test('a batch comes back from its record bit by bit, wherever the payload lies in memory', t => {
  const random = new Random(seed);
  for (let round = 0; round < 300; round++) {
    const batch = randomBatch(random, { sources: [0, 7, 0xffff_ffff], rowsMax: 20, timeMax: 7e12 });
    const firstRows = batch.sources.map(() => random.integer(2 ** 31) * 2 ** 20);
    const payload = concatenate(encodePoints({ batch: packBatch(batch), firstRows }), random.integer(8));
    const decoded = decodePoints(payload);
    t.same(decoded.firstRows, firstRows);
    t.same(plain(unpackBatch(decoded.batch)), plain(batch));
  }
  t.end();
});

t.test('a payload that is cut or longer is refused, never misread', t => {
  const random = new Random(seed);
  const batch = randomBatch(random, { sources: [1, 2], rowsMax: 3, timeMax: 1_000 });
  const payload = concatenate(
    encodePoints({ batch: packBatch(batch), firstRows: batch.sources.map(() => 0) }),
    0,
  );
  for (let length = 0; length < payload.length; length++) {
    t.throws(() => decodePoints(payload.subarray(0, length)), BytesError);
  }
  t.throws(() => decodePoints(concatenate([payload, new Uint8Array(8)], 0)), BytesError);
  t.throws(() => decodePoints(Uint8Array.of(99)), /Version 99/);
  t.end();
});

t.test('a mark and its points come back, whatever the length of the mark', t => {
  const random = new Random(seed);
  for (let length = 0; length < 40; length++) {
    const batch = randomBatch(random, { sources: [1, 2], rowsMax: 3, timeMax: 1_000 });
    const record = encodePoints({ batch: packBatch(batch), firstRows: batch.sources.map(() => 5) });
    const mark = random.bytes(length);
    const payload = concatenate(encodeMarkedPoints(mark, record), random.integer(8));
    const decoded = decodeMarkedPoints(payload);
    t.same([...decoded.mark], [...mark]);
    t.same(plain(unpackBatch(decodePoints(decoded.record).batch)), plain(batch));
    const start = payload.length - decoded.record.length;
    t.equal(start % 8, 0, 'values lie where they would without a mark');
    for (let cut = 0; cut < start; cut++) {
      t.throws(() => decodeMarkedPoints(payload.subarray(0, cut)), BytesError);
    }
  }
  t.end();
});

t.test('an erase record comes back', t => {
  t.same(decodeErase(encodeErase([3, 0xffff_ffff])), [3, 0xffff_ffff]);
  t.throws(() => decodeErase(Uint8Array.of(1, 0, 0)), BytesError);
  t.throws(() => decodeErase(Uint8Array.of(2, 0)), /Version 2/);
  t.end();
});

function concatenate(parts: readonly Uint8Array[], offset: number): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(offset + length);
  let at = offset;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes.subarray(offset);
}

/** Bits instead of doubles, so that −0 and 0 differ. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member) =>
      member instanceof Float64Array ? Array.from(new Uint32Array(member.slice().buffer)) : member,
    ),
  );
}
