import t from 'tap';
import { RegionPool } from '../../../engine/head/arena.js';
import { Head } from '../../../engine/head/head.js';
import { imageOf, sortedSources } from '../../../engine/head/image.js';
import { BLOCK_ROWS_MAX } from '../../../engine/limits.js';
import type { SegmentSource } from '../../../engine/segment/writer.js';
import { appendRows } from '../../support/head.js';
import { Random, testSeed } from '../../support/random.js';

interface Row {
  readonly time: number;
  readonly row: number;
  readonly a: number;
  readonly b: number;
}

const FIRST_ROW = 70;

/** Batches of rows, some without `b`; in order of time, or not. */
function fill(head: Head, random: Random, rowCount: number, isSorted: boolean): Row[] {
  const rows: Row[] = [];
  for (let time = 1_000; rows.length < rowCount; ) {
    const count = Math.min(rowCount - rows.length, 1 + random.integer(300));
    const hasB = random.integer(3) > 0;
    const from = rows.length;
    for (let index = 0; index < count; index++) {
      time += random.integer(4);
      rows.push({ time, row: FIRST_ROW + from + index, a: random.next(), b: hasB ? random.next() : NaN });
    }
    if (!isSorted) time -= random.integer(800);
    time = Math.max(0, time);
    const column = (name: 'a' | 'b') => ({
      name,
      type: 'number' as const,
      values: Float64Array.from(rows.slice(from), row => row[name]),
    });
    const timestamps = Float64Array.from(rows.slice(from), row => row.time);
    const fields = hasB ? [column('a'), column('b')] : [column('a')];
    appendRows(head, { source: 5, timestamps, fields }, FIRST_ROW + from);
  }
  return rows.sort((left, right) => left.time - right.time || left.row - right.row);
}

/** All rows of a source, by column; says how long its chunks are. */
function read(source: SegmentSource) {
  const lengths: number[] = [];
  const times: number[] = [];
  const numbers: number[] = [];
  for (const { timestamps, rows } of source.keys()) {
    lengths.push(timestamps.length);
    times.push(...timestamps);
    numbers.push(...rows);
  }
  const columns = Object.fromEntries(
    source.columns.map(({ name }, index) => [
      name,
      Array.from(source.values(index), c => [...c.values]).flat(),
    ]),
  );
  return { lengths, times, numbers, ...columns };
}

function wanted(rows: readonly Row[]) {
  const lengths: number[] = [];
  for (let left = rows.length; left > 0; left -= BLOCK_ROWS_MAX) lengths.push(Math.min(left, BLOCK_ROWS_MAX));
  return {
    lengths,
    times: rows.map(({ time }) => time),
    numbers: rows.map(({ row }) => row),
    a: rows.map(({ a }) => a),
    late: rows.map(() => Number.NaN),
    b: rows.map(({ b }) => b),
  };
}

t.test('all rows, and some, in full chunks', t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (const isSorted of [true, false]) {
    for (const rowCount of [1, 1_023, 1_024, 1_025, 5_000, 20_000]) {
      const head = new Head(new RegionPool());
      const rows = fill(head, random, rowCount, isSorted);
      const name = `${rowCount} rows, ${isSorted ? 'sorted' : 'as they came'}`;
      const image = imageOf(head, () => ['a', 'late', 'b'].map(name => ({ name, type: 'number' as const })));
      const [source] = [...sortedSources(structuredClone(image))];
      t.same(read(source), wanted(rows), name);
      const runs: { from: number; to: number }[] = [];
      for (let at = random.integer(2); at < rowCount; at += 1 + random.integer(900)) {
        const to = Math.min(rowCount, at + 1 + random.integer(2_500));
        runs.push({ from: at, to });
        at = to;
      }
      const picked = runs.flatMap(({ from, to }) => rows.slice(from, to));
      if (picked.length > 0)
        t.same(read(source.select(runs)), wanted(picked), `${name}, ${runs.length} runs`);
    }
  }
  t.end();
});
