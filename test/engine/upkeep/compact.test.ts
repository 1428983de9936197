import t from 'tap';
import { RegionPool } from '../../../engine/head/arena.js';
import { Head } from '../../../engine/head/head.js';
import { imageOf, sortedSources } from '../../../engine/head/image.js';
import { SegmentReader } from '../../../engine/segment/reader.js';
import { verifySegment } from '../../../engine/segment/verify.js';
import { type SegmentSource, writeSegment } from '../../../engine/segment/writer.js';
import { type CompactJob, compactSegments } from '../../../engine/upkeep/compact.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { appendRows } from '../../support/head.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';

const OUTPUT = '/output';
const SOURCES = [1, 2, 3, 4];

interface Row {
  readonly source: number;
  readonly time: number;
  readonly row: number;
  /** Names and values, strings as such; −0 and the infinities are told apart. */
  readonly values: string;
}

function rowsOf(disk: FakeDisk, path: string): Row[] {
  const reader = new SegmentReader(disk, path);
  const rows: Row[] = [];
  for (let index = 0; index < reader.sourceCount; index++) {
    const directory = reader.directory(index);
    for (let group = 0; group < directory.groupCount; group++) {
      const times = reader.times(index, directory, group);
      const numbers = reader.rows(index, directory, group);
      const columns = directory.columns.map((_, column) => reader.values(index, directory, column, group));
      for (let at = 0; at < times.length; at++) {
        const values = columns.flatMap(column => {
          if (column === undefined || Number.isNaN(column.values[at])) return [];
          const value = column.values[at];
          const text = column.dictionary?.[value] ?? (Object.is(value, -0) ? '-0' : String(value));
          return [`${column.name} ${text}`];
        });
        rows.push({
          source: reader.table.ordinal[index],
          time: times[at],
          row: numbers[at],
          values: values.sort().join(),
        });
      }
    }
  }
  reader.release();
  return rows;
}

/** Segments of random batches, the rows of each later ones than those before in number, but not in time. */
async function randomInputs(random: Random, disk: FakeDisk): Promise<string[]> {
  const nextRows = new Map<number, number>();
  const inputs: string[] = [];
  const timeMax = random.pick([50, 5_000, 1e7]);
  for (let count = 1 + random.integer(6); count > 0; count--) {
    const head = new Head(new RegionPool());
    for (let batches = 1 + random.integer(4); batches > 0; batches--) {
      const rowsMax = random.pick([3, 100, 2_500]);
      for (const batch of randomBatch(random, { sources: SOURCES, rowsMax, timeMax }).sources) {
        const firstRow = nextRows.get(batch.source) ?? 0;
        const found = head.source(batch.source);
        // Of one batch or another every row number may be missing: what has them is in another segment.
        const gap = found === undefined ? random.integer(3) : 0;
        appendRows(head, batch, firstRow + gap);
        nextRows.set(batch.source, firstRow + gap + batch.timestamps.length);
      }
    }
    const path = `/input-${count}`;
    await writeSegment(disk, path, sortedSources(imageOf(head)), count);
    inputs.push(path);
  }
  return inputs;
}

t.test('the output has the rows of all inputs, in order, without those that are to go', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  for (let round = 0; round < 40; round++) {
    const random = new Random(seed + round);
    const disk = new FakeDisk();
    const inputs = await randomInputs(random, disk);
    const all = inputs.flatMap(path => rowsOf(disk, path));
    const keepFrom = new Map<number, number>();
    if (random.next() < 0.5) keepFrom.set(random.pick(SOURCES), random.pick(all).time);
    const erased = new Set(random.next() < 0.5 ? [random.pick(SOURCES)] : []);
    const job: CompactJob = { inputs, path: OUTPUT, erased, keepFrom };
    const wanted = all
      .filter(({ source, time }) => !erased.has(source) && time >= (keepFrom.get(source) ?? 0))
      .sort((left, right) => left.source - right.source || left.time - right.time || left.row - right.row);
    t.same(await compactSegments(disk, job), { kind: 'written', files: wanted.length > 0 ? [OUTPUT] : [] });
    if (wanted.length === 0) continue;
    const found = rowsOf(disk, OUTPUT);
    if (JSON.stringify(found) !== JSON.stringify(wanted)) {
      t.same(found.slice(0, 20), wanted.slice(0, 20), `round ${round} of seed ${seed}`);
      t.fail(`round ${round} of seed ${seed}: ${found.length} rows instead of ${wanted.length}`);
    }
    const { damages } = verifySegment(disk, OUTPUT);
    if (damages.length > 0) t.fail(`round ${round} of seed ${seed}: ${damages}`);
  }
});

/** Every other row of one source. */
function everyOther(count: number, first: number): SegmentSource {
  const chunks = function* () {
    for (let from = 0; from < count; from += 1_024) {
      const rows = Float64Array.from(
        { length: Math.min(1_024, count - from) },
        (_, at) => first + 2 * (from + at),
      );
      yield { rows, timestamps: rows, values: rows };
    }
  };
  return { source: 1, columns: [{ name: 'v', type: 'number' }], keys: chunks, values: chunks };
}

t.test('more runs than are kept', async t => {
  const disk = new FakeDisk();
  const count = 530_000;
  await writeSegment(disk, '/even', [everyOther(count, 0)], 1);
  await writeSegment(disk, '/odd', [everyOther(count, 1)], 1);
  const inputs = ['/even', '/odd'];
  await compactSegments(disk, { inputs, path: OUTPUT, erased: new Set(), keepFrom: new Map() });
  const reader = new SegmentReader(disk, OUTPUT);
  const directory = reader.directory(0);
  t.notOk(directory.hasRowBlocks, 'row numbers are consecutive');
  t.equal(reader.rowCount, 2 * count);
  let next = 0;
  for (let group = 0; group < directory.groupCount; group++) {
    for (const time of reader.times(0, directory, group)) if (time !== next++) return t.fail(`time ${time}`);
    const values = reader.values(0, directory, 0, group)?.values ?? [];
    if (values[0] !== group * 1_024) t.fail(`group ${group} begins with ${values[0]}`);
    if (values[values.length - 1] !== next - 1) t.fail(`group ${group} does not end with ${next - 1}`);
  }
  t.equal(next, 2 * count);
  reader.release();
});

t.test('damage in an input is told, by file', async t => {
  const disk = new FakeDisk();
  await writeSegment(disk, '/even', [everyOther(5_000, 0)], 1);
  await writeSegment(disk, '/odd', [everyOther(5_000, 1)], 1);
  disk.corrupt('/odd', 20);
  const job = { inputs: ['/even', '/odd'], path: OUTPUT, erased: new Set<number>(), keepFrom: new Map() };
  t.match(await compactSegments(disk, job), { kind: 'damaged', file: '/odd', message: /\/odd is damaged/ });
});
