import t from 'tap';
import { mergeStreams, type RowStream } from '../../../engine/query/merge.js';
import type { SourceColumns } from '../../../engine/query/request.js';
import { Random, testSeed } from '../../support/random.js';

interface Row {
  readonly time: number;
  readonly stream: number;
  readonly at: number;
}

/** What became of a stream. */
interface Watch {
  readonly opened: number[];
  readonly closed: number[];
}

function batchOf(stream: number, times: readonly number[], firstRow: number): SourceColumns {
  return {
    source: stream,
    timestamps: Float64Array.from(times),
    columns: [],
    rows: Float64Array.from(times, (_, index) => firstRow + index),
  };
}

function streamOf(
  stream: number,
  times: readonly number[],
  batchRows: () => number,
  watch: Watch,
): RowStream {
  return {
    bound: times[0],
    async *batches() {
      watch.opened.push(stream);
      try {
        for (let from = 0; from < times.length; ) {
          const start = from;
          const part = times.slice(start, start + batchRows());
          from += part.length;
          yield batchOf(stream, part, start);
        }
      } finally {
        watch.closed.push(stream);
      }
    },
  };
}

async function rowsOf(streams: readonly RowStream[], direction: 1 | -1, rowsMax = Infinity): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { batch, from, to } of mergeStreams(streams, direction)) {
    for (let index = from; index < to; index++) {
      rows.push({ time: batch.timestamps[index], stream: batch.source, at: batch.rows![index] });
    }
    if (rows.length >= rowsMax) break;
  }
  return rows;
}

t.test('streams merge as sorting all rows would', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 300; round++) {
    const direction = random.pick([1, -1] as const);
    const streamCount = random.integer(random.pick([4, 70]));
    const timeMax = random.pick([3, 50, 10_000]);
    const watch: Watch = { opened: [], closed: [] };
    const all: Row[] = [];
    const streams = Array.from({ length: streamCount }, (_, stream) => {
      const start = random.integer(timeMax);
      const times = Array.from({ length: 1 + random.integer(30) }, () => start + random.integer(timeMax));
      times.sort((left, right) => direction * (left - right));
      all.push(...times.map((time, at) => ({ time, stream, at })));
      return streamOf(stream, times, () => 1 + random.integer(8), watch);
    });
    all.sort((a, b) => direction * (a.time - b.time) || a.stream - b.stream || a.at - b.at);
    t.same(await rowsOf(streams, direction), all);
    t.equal(watch.closed.length, streamCount);
  }
});

t.test('a stream is opened only when the merge comes to it, and every open one is closed', async t => {
  const cases: [1 | -1, number[][], number, number[]][] = [
    // [direction, times of each stream, rows read, streams opened]
    [1, [[0, 1], [5], [9]], 1, [0]],
    [1, [[9], [0, 1], [5]], 3, [1, 2]],
    [1, [[3], [3], [4]], 1, [0, 1]],
    [-1, [[0], [9, 8], [7]], 2, [1]],
    [-1, [[8, 0], [9, 8], [8]], 2, [1, 0, 2]],
  ];
  for (const [direction, times, rowsMax, wanted] of cases) {
    const watch: Watch = { opened: [], closed: [] };
    const streams = times.map((streamTimes, stream) => streamOf(stream, streamTimes, () => 1, watch));
    await rowsOf(streams, direction, rowsMax);
    t.same(watch.opened, wanted, JSON.stringify(times));
    t.same([...watch.closed].sort(), [...wanted].sort(), 'closed');
  }
});

t.test('the others are closed where one fails', async t => {
  const watch: Watch = { opened: [], closed: [] };
  const failing: RowStream = {
    bound: 2,
    async *batches() {
      yield batchOf(1, [2], 0);
      throw new Error('unreadable');
    },
  };
  const streams = [streamOf(0, [1, 2, 3], () => 1, watch), failing, streamOf(2, [2, 4], () => 1, watch)];
  await t.rejects(rowsOf(streams, 1), { message: 'unreadable' });
  t.same([...watch.closed].sort(), [0, 2]);
});
