import t from 'tap';
import { DecodedCache } from '../../../engine/segment/cache.js';
import { SegmentReader } from '../../../engine/segment/reader.js';
import { writeSegment } from '../../../engine/segment/writer.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { Random, testSeed } from '../../support/random.js';
import { segmentSource } from '../../support/segment-source.js';

const PATH = '/data/1.segment';
const ROWS = 4_000;

const seed = testSeed();
t.comment(`seed ${seed}`);

async function segmentOf(value: (row: number) => number): Promise<FakeDisk> {
  const column = (make: (row: number) => number) =>
    Float64Array.from({ length: ROWS }, (_, row) => make(row));
  const disk = new FakeDisk();
  await disk.makeDirectory('/data');
  const timestamps = column(row => row * 2_000);
  const rows = column(row => row);
  const columns = [{ name: 'a', type: 'number' as const, values: column(value) }];
  await writeSegment(disk, PATH, [segmentSource(1, { timestamps, rows, columns })], 1);
  return disk;
}

t.test('what is asked for stays, what is not goes, and the bytes never go beyond the limit', t => {
  const random = new Random(seed);
  const cache = new DecodedCache(1_000);
  const base = cache.addReader();
  const kept = { kept: true };
  cache.set(base, kept, 50);
  for (let step = 1; step < 2_000; step++) {
    cache.set(base + random.integer(300), { step }, random.integer(120));
    t.ok(cache.bytes <= 1_000, `${cache.bytes} bytes`);
    if (cache.get(base) !== kept) cache.set(base, kept, 50);
  }
  t.equal(cache.get(base), kept);
  cache.set(base + 1_000, { large: true }, 501);
  t.equal(cache.get(base + 1_000), undefined, 'nothing takes more than half');
  for (let step = 0; step < 30; step++) cache.set(base + 2_000 + step, { step }, 100);
  t.equal(cache.get(base), undefined, 'what nobody asks for is gone');
  t.end();
});

t.test('what is set again takes the place of what was there', t => {
  const cache = new DecodedCache(1_000);
  const base = cache.addReader();
  for (let step = 0; step < 100; step++) cache.set(base, { step }, 400);
  t.equal(cache.bytes, 400);
  t.same(cache.get(base), { step: 99 });
  cache.set(base, { large: true }, 600);
  t.equal(cache.get(base), undefined, 'nothing of before is left either');
  t.equal(cache.bytes, 0);
  t.end();
});

t.test('a second read comes from the cache, and equals the first', async t => {
  const disk = await segmentOf(row => row % 10);
  const segment = new SegmentReader(disk, PATH, new DecodedCache(1_000_000));
  const read = () => {
    const directory = segment.directory(0);
    return [
      segment.times(0, directory, 1),
      segment.values(0, directory, 0, 1)?.values,
      segment.windows(0, directory, 0, 0),
      segment.figures(0, directory, 0, 0, 0, 1),
      segment.figures(0, directory, 0, 0, 0, 6),
      segment.figures(0, directory, 0, 0, 0, 31),
    ];
  };
  const first = read();
  const before = disk.calls;
  const second = read();
  t.equal(disk.calls, before);
  t.same(second.slice(0, 3), first.slice(0, 3));
  t.same(Object.keys(first[3] as object), ['sum']);
  t.same(Object.keys(first[4] as object).sort(), ['max', 'min', 'sum'], 'what is known already comes along');
  // Each read of figures decodes what is missing; the last has all.
  t.same(second.slice(3), [first[5], first[5], first[5]]);
  const uncached = new SegmentReader(disk, PATH);
  t.same(first[5], uncached.figures(0, uncached.directory(0), 0, 0, 0, 31));
  uncached.release();
  segment.release();
});

t.test('a segment that is closed leaves nothing behind, and no other is given what it had', async t => {
  const cache = new DecodedCache(1_000_000);
  const one = new SegmentReader(await segmentOf(row => row % 10), PATH, cache);
  const other = new SegmentReader(await segmentOf(row => -(row % 10)), PATH, cache);
  t.equal(one.values(0, one.directory(0), 0, 0)?.values[3], 3);
  t.equal(other.values(0, other.directory(0), 0, 0)?.values[3], -3);
  const both = cache.bytes;
  one.retain();
  one.release();
  t.equal(cache.bytes, both, 'somebody still reads it');
  one.release();
  t.ok(cache.bytes > 0 && cache.bytes < both);
  other.release();
  t.equal(cache.bytes, 0);
  const third = new SegmentReader(await segmentOf(row => 2 * (row % 10)), PATH, cache);
  t.equal(third.values(0, third.directory(0), 0, 0)?.values[3], 6);
  third.release();
});
