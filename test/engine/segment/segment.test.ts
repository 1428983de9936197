import t from 'tap';
import type { Column } from '../../../engine/batch.js';
import { RegionPool } from '../../../engine/head/arena.js';
import { Head } from '../../../engine/head/head.js';
import { imageOf, sortedSources } from '../../../engine/head/image.js';
import { headPiece, segmentPiece } from '../../../engine/query/pieces.js';
import type { PieceChunk } from '../../../engine/query/scan.js';
import { ALL_FIGURES } from '../../../engine/rollup/figures.js';
import type { Directory } from '../../../engine/segment/directory.js';
import { SegmentCorruptError, SegmentReader } from '../../../engine/segment/reader.js';
import { verifySegment } from '../../../engine/segment/verify.js';
import { writeSegment } from '../../../engine/segment/writer.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { appendRows } from '../../support/head.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';
import { segmentSource } from '../../support/segment-source.js';

const PATH = '/data/1.segment';
const RANGE = { startTime: 0, endTime: 8e12, fields: undefined, metadata: true } as const;

const seed = testSeed();
t.comment(`seed ${seed}`);

function randomHead(random: Random, rounds: number, rowsMax: number): Head {
  const head = new Head(new RegionPool());
  for (let round = 0; round < rounds; round++) {
    for (const source of randomBatch(random, { sources: [1, 5, 4_000_000_000], rowsMax, timeMax: 7e12 })
      .sources) {
      appendRows(head, source, 1_000 + (head.source(source.source)?.rowCount ?? 0));
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
  // Much more than is read from the disk at a time.
  const count = 100_000;
  const random = new Random(7);
  const timestamps = Float64Array.from({ length: count }, (_, row) => row * 1_000);
  const values = Float64Array.from({ length: count }, () => random.next());
  const fields = ['a', 'b'].map(name => ({ name, type: 'number' as const, values }));
  appendRows(head, { source: 1, timestamps, fields }, 0);
  const disk = await written(head);
  const segment = new SegmentReader(disk, PATH);
  const request = {
    ...RANGE,
    order: 'asc',
    startTime: 50_000_000,
    endTime: 50_001_000,
    fields: new Set(['b']),
  } as const;
  const before = disk.calls;
  const piece = segmentPiece({ segment, index: 0 }, request);
  t.equal(piece && rowsOf(piece.chunks()).length, 1);
  const calls = disk.calls - before;
  t.ok(calls >= 1 && calls <= 4, `${calls} calls: a directory, a leaf, one time block, one value block`);
});

t.test('a source of more than one leaf is read through the leaves of the range', async t => {
  const count = 600 * 1_024 + 7;
  const make = (value: (row: number) => number) =>
    Float64Array.from({ length: count }, (_, row) => value(row));
  const values = make(row => (row % 5_000 < 2_500 ? row % 10 : Number.NaN));
  const disk = new FakeDisk();
  await disk.makeDirectory('/data');
  // Row numbers are not consecutive, so that they have blocks; no level has enough rows a window.
  const rows = make(row => row * 2);
  const timestamps = make(row => row * 1e9);
  await writeSegment(
    disk,
    PATH,
    [segmentSource(1, { timestamps, rows, columns: [{ name: 'a', type: 'number', values }] })],
    1,
  );
  const segment = new SegmentReader(disk, PATH);
  const directory = segment.directory(0);
  t.same(
    directory.leaves.map(({ firstGroup, groupCount }) => [firstGroup, groupCount]),
    [
      [0, 512],
      [512, 89],
    ],
  );
  t.same(directory.levels, []);
  for (const [first, last] of [
    [0, 2],
    [511 * 1_024, 513 * 1_024],
    [512 * 1_024, 512 * 1_024],
    [count - 1, count - 1],
  ]) {
    const request = { ...RANGE, order: 'asc', startTime: first * 1e9, endTime: last * 1e9 + 1 } as const;
    const expected = [];
    for (let row = first; row <= last; row++)
      expected.push(`${row * 1e9} ${row * 2} ${Number.isNaN(values[row]) ? '' : `a=${values[row]}`}`);
    const piece = segmentPiece({ segment, index: 0 }, request);
    t.same(piece && rowsOf(piece.chunks()), expected);
  }
  for (const [leafNumber, { firstGroup, groupCount, minTime, maxTime }] of directory.leaves.entries()) {
    const { minTimes, maxTimes, columns } = segment.leaf(0, directory, leafNumber);
    t.same([minTimes[0], maxTimes[groupCount - 1]], [minTime, maxTime]);
    for (let at = 0; at < groupCount; at++) {
      const from = (firstGroup + at) * 1_024;
      const present = values.subarray(from, from + 1_024).filter(value => !Number.isNaN(value));
      const { count, max, first } = columns[0].summaries;
      const isRight =
        count[at] === present.length &&
        Object.is(first?.[at], present[0] ?? Number.NaN) &&
        Object.is(max?.[at], present.length === 0 ? Number.NaN : Math.max(...present));
      if (!isRight) t.fail(`the summary of group ${firstGroup + at}`);
    }
  }
  segment.release();
  t.same(verifySegment(disk, PATH).damages, []);
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

t.test('every flipped byte of rollups and leaves is found, and none is misread', async t => {
  const random = new Random(seed);
  const count = 3_000;
  const make = (value: (row: number) => number) =>
    Float64Array.from({ length: count }, (_, row) => value(row));
  const columns: Column[] = [
    { name: 'walk', type: 'number', values: make(row => Math.round(Math.sin(row / 400) * 100)) },
    { name: 'sparse', type: 'number', values: make(row => (row % 700 === 5 ? row / 8 : Number.NaN)) },
    {
      name: 'state',
      type: 'string',
      values: make(row => Math.floor(row / 1_100)),
      dictionary: ['a', 'b', 'c'],
    },
    { name: 'door', type: 'boolean', values: make(row => (row > 1_500 ? 1 : 0)) },
  ];
  const disk = new FakeDisk();
  await disk.makeDirectory('/data');
  const rows = { timestamps: make(row => row * 1_000), rows: make(row => row), columns };
  await writeSegment(disk, PATH, [segmentSource(1, rows)], 77);
  const bytes = disk.files().get(PATH) as Uint8Array;
  const want = figuresOfAll(disk);
  t.ok(want.size > 5, 'there are rollups');
  let contained = 0;
  for (let offset = 0; offset < bytes.length; offset++) {
    const damaged = withBytes(bytes, offset, bytes[offset] ^ (1 << random.integer(8)));
    if (verifySegment(damaged, PATH).damages.length === 0) t.fail(`a flip at ${offset} was not found`);
    const found = figuresOfAll(damaged);
    for (const [name, figures] of found)
      if (figures !== want.get(name)) t.fail(`a flip at ${offset} changes ${name}`);
    if (found.size === want.size - 1) contained++;
  }
  t.ok(contained > 30, `${contained} of ${bytes.length} flips spoiled one block of rollups only`);
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

/** What all rollups and summaries say, as text; what is damaged is left out. */
function figuresOfAll(disk: FakeDisk): Map<string, string> {
  const found = new Map<string, string>();
  const take = (name: string, read: () => unknown) => {
    try {
      found.set(
        name,
        JSON.stringify(read(), (_, value) => (ArrayBuffer.isView(value) ? String(value) : value)),
      );
    } catch (error) {
      if (!(error instanceof SegmentCorruptError)) throw error;
    }
  };
  let segment: SegmentReader;
  let directory: Directory;
  try {
    segment = new SegmentReader(disk, PATH);
    directory = segment.directory(0);
  } catch (error) {
    if (error instanceof SegmentCorruptError) return found;
    throw error;
  }
  for (const [column, { name }] of directory.columns.entries()) {
    take(`blocks of ${name}`, () => segment.leaf(0, directory, 0).columns[column].summaries);
    for (let level = 0; level < directory.levels.length; level++)
      take(`${name} ${level}`, () => segment.figures(0, directory, level, 0, column, ALL_FIGURES));
  }
  for (let level = 0; level < directory.levels.length; level++)
    take(`windows ${level}`, () => segment.windows(0, directory, level, 0));
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
