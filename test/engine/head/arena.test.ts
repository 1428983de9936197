import t from 'tap';
import { Arena, REGION_SLOTS, RegionPool } from '../../../engine/head/arena.js';
import { Random, testSeed } from '../../support/random.js';

t.test('extents never overlap', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const arena = new Arena(new RegionPool());
  const extents = Array.from({ length: 500 }, (_, index) => {
    const slots = 1 + random.integer(random.next() < 0.05 ? REGION_SLOTS : 3_000);
    const extent = arena.allocate(slots);
    arena.regions[extent.region].fill(index, extent.offset, extent.offset + slots);
    return { ...extent, slots };
  });
  for (const [index, { region, offset, slots }] of extents.entries()) {
    const content = arena.regions[region].subarray(offset, offset + slots);
    if (content.length !== slots || !content.every(value => value === index)) t.fail(`extent ${index}`);
  }
  t.equal(arena.bytes, arena.regions.length * REGION_SLOTS * 8);
  t.throws(() => arena.allocate(REGION_SLOTS + 1), /fits/);
  t.end();
});

t.test('memory that is given back is used again', t => {
  const pool = new RegionPool();
  const seen = new Set<ArrayBufferLike>();
  for (let round = 0; round < 10; round++) {
    const arena = new Arena(pool);
    for (let count = 0; count < 5; count++) arena.allocate(REGION_SLOTS);
    for (const region of arena.regions) seen.add(region.buffer);
    arena.free();
    t.equal(arena.bytes, 0);
  }
  t.equal(seen.size, 5);
  t.end();
});
