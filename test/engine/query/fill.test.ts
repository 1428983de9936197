import t from 'tap';
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../engine/base/time.js';
import type { QueryRequest } from '../../../engine/query/request.js';
import type { SummaryChunk, SummaryRequest } from '../../../engine/storage.js';
import { type Point, sourceBatchOf } from '../../support/columns.js';
import { type QueryRow, runQuery } from '../../support/query-rows.js';
import { ReferenceStorage } from '../../support/reference-storage.js';

async function storageOf(points: Readonly<Record<number, readonly Point[]>>): Promise<ReferenceStorage> {
  const storage = new ReferenceStorage();
  await storage.append({
    sources: Object.entries(points).map(([source, points]) => sourceBatchOf(Number(source), points)),
  });
  return storage;
}

function requestOf(part: Partial<QueryRequest>): QueryRequest {
  return {
    sources: [1],
    startTime: 0,
    endTime: 8 * HOUR_MS,
    order: 'asc',
    limit: 1_000,
    offset: 0,
    aggregations: ['last'],
    groups: { unit: 'hour', count: 1 },
    ...part,
  };
}

/** Such as `1@3h {"t":null}`, and `x2` where there are points. */
function lineOf({ source, timestamp, values, count }: QueryRow): string {
  return `${source}@${timestamp / HOUR_MS}h${count === 0 ? '' : ` x${count}`} ${JSON.stringify(values)}`;
}

const at = (hour: number, values: Point['values']): Point => ({ time: hour * HOUR_MS, values });

const POINTS = {
  1: [at(2, { t: 2, s: 'a' }), at(2.5, { t: 4, h: 1 }), at(5, { t: 10 }), at(6, { h: 3, s: 'b' })],
  2: [at(3, { t: 8 })],
};

const CASES: [string, Partial<QueryRequest>, string[]][] = [
  [
    'nothing',
    { fill: 'none' },
    ['1@2h x2 {"t":4,"s":"a","h":1}', '1@5h x1 {"t":10}', '1@6h x1 {"s":"b","h":3}'],
  ],
  [
    'nulls, from the group of the start to the one before the end',
    { fill: 'null', startTime: 1.5 * HOUR_MS, endTime: 4 * HOUR_MS + 1 },
    ['1@1h {"t":null,"s":null,"h":null}', '1@2h x2 {"t":4,"s":"a","h":1}'].concat(
      [3, 4].map(hour => `1@${hour}h {"t":null,"s":null,"h":null}`),
    ),
  ],
  [
    'the end is exclusive',
    { fill: 'null', startTime: 2 * HOUR_MS, endTime: 3 * HOUR_MS },
    ['1@2h x2 {"t":4,"s":"a","h":1}'],
  ],
  [
    'only fields asked for, and of those only figures that there may be',
    {
      fill: 'null',
      fields: ['h', 's', 'z'],
      aggregations: ['avg', 'first'],
      several: true,
      endTime: 3 * HOUR_MS,
    },
    [
      '1@0h {"s":{"first":null},"h":{"avg":null,"first":null}}',
      '1@1h {"s":{"first":null},"h":{"avg":null,"first":null}}',
      '1@2h x2 {"s":{"first":"a"},"h":{"avg":1,"first":1}}',
    ],
  ],
  [
    'the last known, null before the first',
    { fill: 'previous', startTime: HOUR_MS },
    [
      '1@1h {"t":null,"s":null,"h":null}',
      '1@2h x2 {"t":4,"s":"a","h":1}',
      '1@3h {"t":4,"s":"a","h":1}',
      '1@4h {"t":4,"s":"a","h":1}',
      '1@5h x1 {"t":10}',
      '1@6h x1 {"s":"b","h":3}',
      '1@7h {"t":10,"s":"b","h":3}',
    ],
  ],
  [
    'a line between the groups around, where both have numbers',
    {
      fill: 'linear',
      startTime: HOUR_MS,
      aggregations: ['last', 'count'],
      several: true,
      fields: ['t', 's', 'h'],
    },
    [
      '1@1h {"t":{"last":null,"count":null},"s":{"last":null,"count":null},"h":{"last":null,"count":null}}',
      '1@2h x2 {"t":{"last":4,"count":2},"s":{"last":"a","count":1},"h":{"last":1,"count":1}}',
      `1@3h {"t":{"last":6,"count":${2 * (1 - 1 / 3) + 1 / 3}},"s":{"last":"a","count":null},"h":{"last":null,"count":null}}`,
      `1@4h {"t":{"last":8,"count":${2 * (1 - 2 / 3) + 2 / 3}},"s":{"last":"a","count":null},"h":{"last":null,"count":null}}`,
      '1@5h x1 {"t":{"last":10,"count":1}}',
      '1@6h x1 {"s":{"last":"b","count":1},"h":{"last":3,"count":1}}',
      '1@7h {"t":{"last":null,"count":null},"s":{"last":"b","count":null},"h":{"last":null,"count":null}}',
    ],
  ],
  [
    'sources with points, in their order',
    { fill: 'previous', sources: [2, 3, 1], fields: ['t'], startTime: 3 * HOUR_MS, endTime: 6 * HOUR_MS },
    [
      '2@3h x1 {"t":8}',
      '1@3h {"t":null}',
      '2@4h {"t":8}',
      '1@4h {"t":null}',
      '2@5h {"t":8}',
      '1@5h x1 {"t":10}',
    ],
  ],
  ['a source none of whose points match has no rows', { fill: 'null', values: { t: { gt: 100 } } }, []],
  [
    'one group over all has no gaps',
    { fill: 'null', groups: { unit: 'all' }, fields: ['t'] },
    ['1@0h x4 {"t":10}'],
  ],
];

t.test('gaps', async t => {
  const storage = await storageOf(POINTS);
  for (const [name, part, wanted] of CASES) {
    const { rows } = await runQuery(storage, requestOf(part));
    t.strictSame(rows.map(lineOf), wanted, name);
    const reversed = await runQuery(storage, requestOf({ ...part, order: 'desc' }));
    t.strictSame(reversed.rows.map(lineOf), wanted.toReversed(), `${name}, reversed`);
    for (let offset = 0; offset <= wanted.length; offset++) {
      for (const order of ['asc', 'desc'] as const) {
        const page = await runQuery(storage, requestOf({ ...part, order, offset, limit: 2 }));
        const lines = order === 'asc' ? wanted : wanted.toReversed();
        t.strictSame(
          page.rows.map(lineOf),
          lines.slice(offset, offset + 2),
          `${name}, ${order} from ${offset}`,
        );
        t.equal(page.hasMore, offset + 2 < wanted.length);
      }
    }
  }
});

t.test('days that clocks make longer or leave out', async t => {
  const cases: [string, string, string, string[]][] = [
    [
      'Europe/Paris',
      '2024-03-30T12:00:00Z',
      '2024-04-01T12:00:00Z',
      ['2024-03-29T23:00:00.000Z', '2024-03-30T23:00:00.000Z', '2024-03-31T22:00:00.000Z'],
    ],
    [
      'Pacific/Apia',
      '2011-12-29T12:00:00Z',
      '2012-01-01T12:00:00Z',
      [
        '2011-12-29T10:00:00.000Z',
        '2011-12-30T10:00:00.000Z',
        '2011-12-31T10:00:00.000Z',
        '2012-01-01T10:00:00.000Z',
      ],
    ],
  ];
  for (const [timezone, from, to, starts] of cases) {
    const [startTime, endTime] = [Date.parse(from), Date.parse(to)];
    const storage = await storageOf({ 1: [{ time: startTime, values: { t: 1 } }] });
    const groups = { unit: 'day', count: 1, timezone } as const;
    for (const order of ['asc', 'desc'] as const) {
      const request = requestOf({ startTime, endTime, groups, fill: 'previous', order });
      const found = (await runQuery(storage, request)).rows.map(row => new Date(row.timestamp).toISOString());
      t.strictSame(found, order === 'asc' ? starts : starts.toReversed(), `${timezone} ${order}`);
    }
  }
});

t.test('a field may have any name', async t => {
  const storage = await storageOf({ 1: [at(1, JSON.parse('{"__proto__":1,"constructor":2}'))] });
  for (const several of [false, true]) {
    const { rows } = await runQuery(storage, requestOf({ fill: 'previous', endTime: 3 * HOUR_MS, several }));
    const [before, , after] = rows.map(({ values }) => JSON.stringify(values));
    const wrap = (value: string) => (several ? `{"last":${value}}` : value);
    t.equal(before, `{"__proto__":${wrap('null')},"constructor":${wrap('null')}}`);
    t.equal(after, `{"__proto__":${wrap('1')},"constructor":${wrap('2')}}`);
  }
});

t.test('no line overflows, nor is there one between infinities', async t => {
  const max = Number.MAX_VALUE;
  const cases: [number, number, number | null][] = [
    [-max, max, 0],
    [max, max, max],
    [Infinity, Infinity, Infinity],
    [-Infinity, Infinity, null],
    [0.1, 0.1, 0.1],
  ];
  for (const [before, after, wanted] of cases) {
    const storage = await storageOf({ 1: [at(0, { t: before }), at(2, { t: after })] });
    const { rows } = await runQuery(storage, requestOf({ fill: 'linear' }));
    t.strictSame(rows[1].values, { t: wanted }, `${before} and ${after}`);
  }
});

/** Counts the groups that are asked of it. */
class CountingStorage extends ReferenceStorage {
  groupCount = 0;

  override async *summarise(request: SummaryRequest): AsyncGenerator<SummaryChunk> {
    for await (const chunk of super.summarise(request)) {
      this.groupCount += chunk.starts.length;
      yield chunk;
    }
  }
}

t.test('a few rows of endless gaps cost little, and are let go of', async t => {
  const storage = new CountingStorage();
  const points = Array.from({ length: 1_000 }, (_, year) => at(year * 2_000, { t: year }));
  await storage.append({ sources: [sourceBatchOf(1, points)] });
  const second = { unit: 'second', count: 1 } as const;
  const endTime = 80_000 * DAY_MS;
  for (const fill of ['null', 'previous', 'linear'] as const) {
    for (const order of ['asc', 'desc'] as const) {
      storage.groupCount = 0;
      const request = requestOf({ groups: second, endTime, fill, order, limit: 10, offset: 1_000 });
      const { rows, hasMore } = await runQuery(storage, request);
      const first = order === 'asc' ? 1_000 * SECOND_MS : endTime - 1_001 * SECOND_MS;
      t.equal(rows[0].timestamp, first, `${fill} ${order}`);
      t.equal(rows.length, 10);
      t.ok(hasMore);
      if (order === 'asc') t.ok(storage.groupCount < 100, `${storage.groupCount} groups were read`);
    }
  }
  const gone = new Error('gone');
  const controller = new AbortController();
  const request = requestOf({ groups: second, endTime, fill: 'null', limit: 1, offset: 1e9 });
  setTimeout(() => controller.abort(gone), 20);
  await t.rejects(runQuery(storage, request, controller.signal), gone);
});
