import t from 'tap';
import { Arena, type Extent } from '../../../engine/head/arena.js';
import { Random, testSeed } from '../../support/random.js';

t.test('extents that are in use never overlap', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const arena = new Arena();
  const used: Extent[] = [];
  for (let step = 0; step < 3_000; step++) {
    if (used.length > 0 && random.next() < 0.4) {
      const [extent] = used.splice(random.integer(used.length), 1);
      arena.region(extent.region).fill(0, extent.offset, extent.offset + extent.slots);
      arena.release(extent);
      continue;
    }
    const slots = 1 + random.integer(random.next() < 0.02 ? 200_000 : 2_000);
    const extent = arena.allocate(slots);
    if (extent.slots < slots) t.fail(`${extent.slots} slots for ${slots}`);
    arena.region(extent.region).fill(step + 1, extent.offset, extent.offset + extent.slots);
    used.push(extent);
  }
  for (const extent of used) {
    const slots = arena.region(extent.region).subarray(extent.offset, extent.offset + extent.slots);
    t.equal(slots.length, extent.slots);
    if (!slots.every(value => value === slots[0] && value > 0)) t.fail('an extent was written by another');
  }
  t.end();
});

t.test('released memory is used again', t => {
  const arena = new Arena();
  arena.release(arena.allocate(1_000));
  const { bytes } = arena;
  for (let round = 0; round < 10_000; round++) arena.release(arena.allocate(1_000));
  t.equal(arena.bytes, bytes);
  t.end();
});
