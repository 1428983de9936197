import { crc32c } from '@node-rs/crc32';
import t from 'tap';
import { BlockCorruptError, codecNameOf } from '../../../engine/codec/block.js';
import { CODEC } from '../../../engine/codec/codes.js';
import { Random, testSeed } from '../../support/random.js';
import { gorillaSamples } from './gorilla-samples.js';
import { decodeSample, encodeSample, type Sample, samples } from './samples.js';

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

const blocks = [...samples(), ...gorillaSamples()].map(sample => ({ sample, block: encodeSample(sample) }));

t.test('the samples cover every codec', async t => {
  for (const { sample, block } of blocks) t.equal(codecNameOf(block), sample.codec, sample.name);
  const covered = new Set(blocks.map(({ sample }) => sample.codec));
  t.strictSame([...covered].sort(), Object.keys(CODEC).sort());
});

t.test('every flipped bit is found', async t => {
  for (const { sample, block } of blocks) {
    for (let bit = 0; bit < block.length * 8; bit++) {
      block[bit >>> 3] ^= 1 << (bit & 7);
      if (!isRefused(sample, block)) t.fail(`${sample.name}: bit ${bit}`);
      block[bit >>> 3] ^= 1 << (bit & 7);
    }
    t.notOk(isRefused(sample, block), `${sample.name} as written`);
  }
});

t.test('every cut is found', async t => {
  for (const { sample, block } of blocks) {
    for (let length = 0; length < block.length; length++)
      if (!isRefused(sample, block.subarray(0, length))) t.fail(`${sample.name}: ${length} bytes`);
    t.pass(sample.name);
  }
});

t.test('a damaged block under a right checksum is refused or gives some values', async t => {
  const random = new Random(seed);
  let refused = 0;
  let decoded = 0;
  for (const { sample, block } of blocks) {
    for (let round = 0; round < 400; round++) {
      if (isRefused(sample, mutate(block, random))) refused++;
      else decoded++;
    }
  }
  // Both happen, or the mutations do not reach what they are meant to reach.
  t.ok(refused > 100, `${refused} refused`);
  t.ok(decoded > 100, `${decoded} decoded`);
});

t.test('noise under a right checksum is refused or gives some values', async t => {
  const random = new Random(seed);
  for (const { sample, block } of blocks) {
    for (let round = 0; round < 200; round++) {
      const noise = random.bytes(5 + random.integer(200));
      noise[0] = block[0];
      isRefused(sample, repair(noise));
    }
  }
  t.pass();
});

t.test('a block of another type is refused', async t => {
  for (const { sample, block } of blocks) {
    if (sample.codec === 'absent') continue;
    for (const type of [undefined, 'number', 'string', 'boolean'] as const) {
      if (type === sample.type) continue;
      t.throws(() => decodeSample(block, sample.values.length, type), { code: 'BLOCK_CORRUPT' }, sample.name);
    }
  }
});

t.test(
  'texts that claim to be larger than LZ4 can make them are refused before they are unpacked',
  async t => {
    const { sample, block } = blocks.find(({ sample }) => sample.name === 'strings-lz4')!;
    // Codec, presence, two bytes of count, form: then the length as a varint of two bytes, made four bytes long.
    const head = block.subarray(0, 5);
    const huge = Buffer.concat([head, Uint8Array.of(0xff, 0xff, 0xff, 0x7f), block.subarray(7)]);
    t.equal(head[4], 1, 'LZ4');
    t.throws(() => decodeSample(repair(huge), sample.values.length, 'string'), { message: /more than LZ4/ });
  },
);

/** Any other error than the one for corrupt blocks is thrown on. */
function isRefused(sample: Sample, block: Uint8Array): boolean {
  try {
    const { values } = decodeSample(block, sample.values.length, sample.type);
    if (values.length !== sample.values.length) throw new Error('Another number of rows');
    return false;
  } catch (error) {
    if (error instanceof BlockCorruptError) return true;
    throw error;
  }
}

function mutate(block: Uint8Array, random: Random): Uint8Array {
  const mutated = Uint8Array.from(block);
  // The head of a block says what the rest means: most mutations go there.
  for (let k = random.integer(3); k >= 0; k--) {
    const reach = random.integer(2) === 0 ? Math.min(24, mutated.length) : mutated.length;
    mutated[random.integer(reach)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.integer(256)]);
  }
  return repair(random.integer(5) === 0 ? mutated.subarray(0, 5 + random.integer(mutated.length)) : mutated);
}

function repair(block: Uint8Array): Uint8Array {
  const end = block.length - 4;
  new DataView(block.buffer, block.byteOffset).setUint32(end, crc32c(block.subarray(0, end)), true);
  return block;
}
