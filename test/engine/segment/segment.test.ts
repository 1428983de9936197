import t from 'tap';
import type { Column } from '../../../engine/batch.js';
import { RegionPool } from '../../../engine/head/arena.js';
import { Head } from '../../../engine/head/head.js';
import { imageOf, sortedSources } from '../../../engine/head/image.js';
import { headPiece, segmentPiece } from '../../../engine/query/pieces.js';
import type { PieceChunk } from '../../../engine/query/scan.js';
import { SegmentCorruptError, SegmentReader } from '../../../engine/segment/reader.js';
import { verifySegment } from '../../../engine/segment/verify.js';
import { writeSegment } from '../../../engine/segment/writer.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';

const PATH = '/data/1.segment';
const RANGE = { startTime: 0, endTime: 8e12, fields: undefined, metadata: true } as const;

const seed = testSeed();
t.comment(`seed ${seed}`);

function randomHead(random: Random, rounds: number, rowsMax: number): Head {
  const head = new Head(new RegionPool());
  for (let round = 0; round < rounds; round++) {
    for (const source of randomBatch(random, { sources: [1, 5, 4_000_000_000], rowsMax, timeMax: 7e12 })
      .sources) {
      head.append(source, 1_000 + (head.source(source.source)?.rowCount ?? 0));
    }
  }
  return head;
}

async function written(head: Head): Promise<FakeDisk> {
  const disk = new FakeDisk();
  await disk.makeDirectory('/data');
  await writeSegment(disk, PATH, sortedSources(imageOf(head)), 77);
  return disk;
}

/** Every row as plain text, with bits instead of doubles. */
function rowsOf(chunks: Iterator<PieceChunk>): string[] {
  const rows: string[] = [];
  for (let next = chunks.next(); next.done !== true; next = chunks.next()) {
    const { timestamps, rows: numbers, columns } = next.value;
    for (let at = 0; at < timestamps.length; at++) {
      const values = columns
        .filter(({ values }) => !Number.isNaN(values[at]))
        .map(column => cellOf(column, at));
      rows.push(`${timestamps[at]} ${numbers[at]} ${values.sort().join(' ')}`);
    }
  }
  return rows;
}

function cellOf({ name, values, dictionary }: Column, at: number): string {
  const value = values[at];
  return `${name}=${dictionary === undefined ? (Object.is(value, -0) ? '-0' : value) : dictionary[value]}`;
}

t.test('what the head held is what the segment holds, in any range and order', async t => {
  const random = new Random(seed);
  for (let round = 0; round < 30; round++) {
    const head = randomHead(random, 1 + random.integer(6), round % 5 === 0 ? 3_000 : 60);
    const disk = await written(head);
    const segment = new SegmentReader(disk, PATH);
    t.equal(segment.rowCount, head.rowCount);
    t.equal(segment.lastSequence, 77);
    for (const source of head.sources()) {
      const index = segment.indexOf(source.ordinal);
      for (const order of ['asc', 'desc'] as const) {
        const startTime = random.next() < 0.5 ? 0 : random.integer(7e12);
        const request = { ...RANGE, order, startTime, endTime: startTime + random.integer(8e12) + 1 };
        const expected = headPiece(source.view(), request)?.chunks();
        const actual = segmentPiece({ segment, index }, request)?.chunks();
        t.same(actual && rowsOf(actual), expected && rowsOf(expected));
      }
    }
    t.equal(segment.indexOf(2), -1);
    segment.release();
    t.same(verifySegment(disk, PATH).damages, []);
  }
});

t.test('only what is asked for is read', async t => {
  const head = new Head(new RegionPool());
  const count = 5_000;
  const timestamps = Float64Array.from({ length: count }, (_, row) => row * 1_000);
  const values = Float64Array.from({ length: count }, (_, row) => row % 97);
  const fields = ['a', 'b'].map(name => ({ name, type: 'number' as const, values }));
  head.append({ source: 1, timestamps, fields }, 0);
  const disk = await written(head);
  const segment = new SegmentReader(disk, PATH);
  const request = {
    ...RANGE,
    order: 'asc',
    startTime: 2_000_000,
    endTime: 2_001_000,
    fields: new Set(['b']),
  } as const;
  const before = disk.calls;
  const piece = segmentPiece({ segment, index: 0 }, request);
  t.equal(piece && rowsOf(piece.chunks()).length, 1);
  t.equal(disk.calls - before, 4, 'a directory, a leaf, one time block, one value block');
});

t.test('every flipped byte is found, and every read before that is right or refused', async t => {
  const random = new Random(seed);
  const head = randomHead(random, 2, 6);
  const disk = await written(head);
  const bytes = disk.files().get(PATH) as Uint8Array;
  const expected = new Map(
    Array.from(head.sources(), source => [
      source.ordinal,
      rowsOf(
        (headPiece(source.view(), { ...RANGE, order: 'asc' }) as { chunks(): Iterator<PieceChunk> }).chunks(),
      ),
    ]),
  );
  let contained = 0;
  for (let offset = 0; offset < bytes.length; offset++) {
    const damaged = withBytes(bytes, offset, bytes[offset] ^ (1 << random.integer(8)));
    const { damages } = verifySegment(damaged, PATH);
    if (damages.length === 0) t.fail(`a flip at ${offset} was not found`);
    for (const damage of damages) {
      if (damage.file !== PATH || !(damage.offset >= 0 && damage.offset <= bytes.length))
        t.fail('a damage without a place');
    }
    const readable = readAll(damaged);
    for (const [source, rows] of readable) t.same(rows, expected.get(source), `offset ${offset}`);
    if (readable.size === expected.size - 1) contained++;
  }
  t.ok(contained > bytes.length / 3, `${contained} of ${bytes.length} flips spoiled one source only`);
});

t.test('a file cut anywhere is refused', async t => {
  const disk = await written(randomHead(new Random(seed), 1, 4));
  const bytes = disk.files().get(PATH) as Uint8Array;
  for (let length = 0; length < bytes.length; length++) {
    const cut = withContent(bytes.subarray(0, length));
    t.throws(() => new SegmentReader(cut, PATH), SegmentCorruptError);
  }
  const longer = withContent(Uint8Array.from([...bytes, 0]));
  t.throws(() => new SegmentReader(longer, PATH), SegmentCorruptError);
});

function readAll(disk: FakeDisk): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let segment: SegmentReader;
  try {
    segment = new SegmentReader(disk, PATH);
  } catch (error) {
    if (error instanceof SegmentCorruptError) return found;
    throw error;
  }
  for (let index = 0; index < segment.sourceCount; index++) {
    try {
      const piece = segmentPiece({ segment, index }, { ...RANGE, order: 'asc' });
      if (piece !== undefined) found.set(segment.table.ordinal[index], rowsOf(piece.chunks()));
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
    }
  }
  segment.release();
  return found;
}

function withBytes(bytes: Uint8Array, offset: number, value: number): FakeDisk {
  const changed = bytes.slice();
  changed[offset] = value;
  return withContent(changed);
}

function withContent(bytes: Uint8Array): FakeDisk {
  const disk = new FakeDisk();
  disk.put(PATH, bytes);
  return disk;
}
