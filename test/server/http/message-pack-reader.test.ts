import { Packr } from 'msgpackr';
import t from 'tap';
import { ApiError } from '../../../server/errors.js';
import { parseMessagePack } from '../../../server/http/message-pack-reader.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`seed ${seed}`);
const packr = new Packr({ useRecords: false, variableMapSize: true });

function anyValue(random: Random, depth: number): unknown {
  const length = random.pick([0, 1, 3, 20]);
  switch (random.integer(depth > 0 ? 9 : 7)) {
    case 0:
      return null;
    case 1:
      return random.next() < 0.5;
    case 2:
      return random.pick([
        0,
        127,
        -1,
        -32,
        -33,
        255,
        256,
        65_536,
        2 ** 32,
        -(2 ** 31),
        2 ** 53 - 1,
        -128,
        -32_769,
      ]);
    case 3:
      return random.pick([0.1, -1.5e300, 5e-324]);
    case 4:
      return random.pick(['', 'ä', 'a'.repeat(31), 'b'.repeat(32), 'c'.repeat(300), 'd'.repeat(70_000)]);
    case 5:
      return Buffer.from(random.bytes(random.pick([0, 1, 255, 256, 70_000])));
    case 6:
      return 'x';
    case 7:
      return Array.from({ length }, () => anyValue(random, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length }, (_, index) => [`k${index}`, anyValue(random, depth - 1)]),
      );
  }
}

t.test('what a library packs is read as it was; cut or longer it is refused', t => {
  const random = new Random(seed);
  for (let round = 0; round < 500; round++) {
    const value = anyValue(random, 3);
    const bytes = packr.pack(value);
    t.same(parseMessagePack(bytes), value);
    const cut = bytes.subarray(0, random.integer(bytes.length));
    t.throws(() => parseMessagePack(cut), ApiError);
    t.throws(() => parseMessagePack(Buffer.concat([bytes, Buffer.of(0)])), ApiError);
  }
  t.end();
});

t.test('texts of any length are read as they were', t => {
  for (const length of [0, 1, 31, 32, 255, 256, 65_535, 65_536]) {
    const text = '°'.repeat(length >> 1) + 'x'.repeat(length & 1);
    t.equal(parseMessagePack(packr.pack(text)), text, `${length} bytes`);
  }
  t.end();
});

t.test('heads that claim more than there is, nesting without end and extensions are refused', t => {
  const heads: [string, number[]][] = [
    ['array of 4,294,967,295 items', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['map of as many members', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    [
      'arrays of 32 million items in each other',
      Array.from({ length: 40 }, () => [0xdd, 1, 0xff, 0xff, 0xff]).flat(),
    ],
    ['text of 4 GiB', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['binary of 64 KiB', [0xc5, 0xff, 0xff, 1]],
    ['arrays of one, 1,000 deep', [...Array.from({ length: 1_000 }, () => 0x91), 0]],
    ['extension', [0xd4, 1, 0]],
    ['time', [0xd6, 0xff, 0, 0, 0, 0]],
    ['the type that is never used', [0xc1]],
    ['nothing', []],
    ['text with a byte that begins nothing', [0xa2, 0x61, 0xff]],
    ['text with half a character', [0xd9, 1, 0xc3]],
    ['text with a surrogate', [0xda, 0, 3, 0xed, 0xa0, 0x80]],
    ['name of a member with a NUL in two bytes', [0x81, 0xdb, 0, 0, 0, 2, 0xc0, 0x80, 1]],
  ];
  for (const [what, bytes] of heads) t.throws(() => parseMessagePack(Uint8Array.from(bytes)), ApiError, what);
  t.end();
});
