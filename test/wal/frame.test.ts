import t from 'tap';
import { decodeFrame, encodeFrames, type FrameSource, frameBytes } from '../../wal/frame.js';
import type { RecordType, Sequence } from '../../wal/records.js';
import { Random, testSeed } from '../support/random.js';

const ID = 0x8badf00d;

function source(sequence: number, parts: Uint8Array[]): FrameSource {
  const payloadBytes = parts.reduce((total, { length }) => total + length, 0);
  return { type: 1 as RecordType, sequence: sequence as Sequence, parts, payloadBytes };
}

t.test('frames end at multiples of 8', async t => {
  const cases = [
    [0, 24],
    [1, 32],
    [8, 32],
    [9, 40],
  ];
  for (const [payload, want] of cases) t.equal(frameBytes(payload), want);
});

t.test('any records come back, whatever parts they are given in', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const records = Array.from({ length: 1 + random.integer(5) }, (_, index) => {
      const parts = Array.from({ length: random.integer(5) }, () =>
        random.bytes(random.pick([0, 1, 7, 8, 100, 8191, 8192, 9000])),
      );
      return source(random.pick([1, 2 ** 32 - 1, 2 ** 32, 2 ** 52]) + index, parts);
    });
    const bytes = new Uint8Array(Buffer.concat(encodeFrames(records, ID, 4096)));
    let at = 0;
    for (const { sequence, parts, payloadBytes } of records) {
      const frame = decodeFrame(bytes.subarray(at, at + frameBytes(payloadBytes)), ID);
      const isSame = frame !== undefined && Buffer.from(frame.payload).equals(Buffer.concat(parts));
      if (!isSame || frame.sequence !== sequence || frame.synced !== 4096 || frame.type !== 1) {
        t.fail(`round ${round}`);
      }
      at += frame?.bytes ?? 0;
    }
    if (at !== bytes.length) t.fail(`round ${round}: bytes are left over`);
  }
});

t.test('big parts are passed on, small ones are gathered', async t => {
  const big = new Uint8Array(10_000);
  const small = () => new Uint8Array(10);
  const records = [source(1, [small(), small()]), source(2, [small(), big, small()]), source(3, [small()])];
  const out = encodeFrames(records, ID, 40);
  t.equal(out.length, 3);
  t.equal(out[1], big);
});

t.test('a frame with any bit flipped, or of another file, is none', async t => {
  const [bytes] = encodeFrames([source(7, [Uint8Array.of(1, 2, 3)])], ID, 40);
  t.ok(decodeFrame(bytes, ID));
  t.notOk(decodeFrame(bytes, ID + 1));
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    if (decodeFrame(flipped, ID) !== undefined) t.fail(`bit ${bit}`);
  }
});
