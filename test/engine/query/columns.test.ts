import t, { type Test } from 'tap';
import { HOUR_MS } from '../../../engine/base/time.js';
import type { GroupUnit } from '../../../engine/query/groups.js';
import type {
  Aggregation,
  Answer,
  Downsample,
  QueryRequest,
  Scalar,
  SourceColumns,
} from '../../../engine/query/request.js';
import type { ScanChunk, ScanRequest } from '../../../engine/storage.js';
import { sourceBatchOf, valueAt } from '../../support/columns.js';
import { randomBatch } from '../../support/points.js';
import { type QueryRow, runColumns, runQuery } from '../../support/query-rows.js';
import { Random, testSeed } from '../../support/random.js';
import { textOf } from '../../support/readings.js';
import { ReferenceStorage } from '../../support/reference-storage.js';

/** Hands out the same arrays again and again, as the contract of scans allows. */
class ThriftyStorage extends ReferenceStorage {
  override async *scan(request: ScanRequest): AsyncGenerator<ScanChunk> {
    for await (const chunk of super.scan(request)) {
      yield chunk;
      for (const { values } of [...chunk.fields, { values: chunk.timestamps }]) values.fill(-1);
    }
  }
}

/** Lines of a source: a row each, such as `@5 x2 t.min=-0 "s"="a"`, values by name. */
type Lines = Record<number, string[]>;

function lineOf(time: number, count: number | undefined, values: readonly [string, Scalar][]): string {
  const texts = values.map(([name, value]) => `${name}=${textOf(value)}`).sort();
  return [`@${time}`, ...(count === undefined ? [] : [`x${count}`]), ...texts].join(' ');
}

function linesOfRows(rows: readonly QueryRow[]): Lines {
  const lines: Lines = {};
  for (const { source, timestamp, values, count } of rows) {
    const flat = Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([aggregation, figure]) => [`${name}.${aggregation}`, figure] as const)
        : [[name, value] as const],
    );
    // A null of a filled gap is no value.
    const known = flat.filter((value): value is [string, Scalar] => value[1] !== null);
    lines[source] ??= [];
    lines[source].push(lineOf(timestamp, count, known));
  }
  return lines;
}

function linesOfColumns(sources: readonly SourceColumns[]): Lines {
  return Object.fromEntries(sources.map(columns => [columns.source, linesOfSource(columns)]));
}

function linesOfSource({ timestamps, columns, counts }: SourceColumns): string[] {
  return Array.from(timestamps, (time, row) => {
    const values = columns.flatMap((column): [string, Scalar][] => {
      const value = valueAt(column, row);
      const { name, aggregation } = column;
      return value === undefined
        ? []
        : [[aggregation === undefined ? name : `${name}.${aggregation}`, value]];
    });
    return lineOf(time, counts?.[row], values);
  });
}

function assertWellFormed(t: Test, { sources, rowCount }: Answer, request: QueryRequest): void {
  t.equal(
    sources.reduce((sum, { timestamps }) => sum + timestamps.length, 0),
    rowCount,
  );
  const order = request.sources.filter(source => sources.some(found => found.source === source));
  t.same(
    sources.map(({ source }) => source),
    order,
    'sources are in the order asked for',
  );
  for (const { timestamps, columns, counts } of sources) {
    t.ok(timestamps.length > 0, 'no source is empty');
    t.equal(counts !== undefined, request.groups !== undefined);
    for (const { values } of columns) {
      t.equal(values.length, timestamps.length);
      t.ok(
        values.some(value => !Number.isNaN(value)),
        'no column is empty',
      );
    }
  }
}

const FIELDS = ['temperature', 'noise', 'state', 'door', 'größe', 'missing'];
const AGGREGATIONS: readonly Aggregation[] = ['avg', 'min', 'count', 'first', 'last', 'median', 'rate'];
const UNITS: readonly GroupUnit[] = ['second', 'minute', 'hour', 'day'];

function randomRequest(random: Random, timeMax: number): QueryRequest {
  const startTime = random.next() < 0.5 ? 0 : random.integer(timeMax);
  const several = random.next() < 0.5;
  const aggregations = AGGREGATIONS.filter(() => random.next() < 0.5);
  const figures = aggregations.length > 0 && several ? aggregations : [random.pick(AGGREGATIONS)];
  const groups = { unit: random.pick(UNITS), count: random.pick([1, 5, 30]) };
  const first = random.integer(4);
  const isGrouped = random.next() < 0.5;
  const downsample: Downsample = {
    method: random.pick(['m4', 'minmax', 'lttb']),
    points: random.pick([1, 8, 100]),
  };
  return {
    sources: [0, 1, 2, 3].map(source => (source + first) % 4).filter(() => random.next() < 0.8),
    startTime,
    endTime: startTime + random.integer(2 * timeMax),
    ...(random.next() < 0.4 && { fields: FIELDS.filter(() => random.next() < 0.6) }),
    ...(random.next() < 0.3 && { values: { temperature: { gt: random.integer(40) - 20 } } }),
    ...(random.next() < 0.2 && { metadata: { site: 'a' } }),
    order: random.pick(['asc', 'desc']),
    limit: random.pick([1, 2, 7, 50, 5_000]),
    offset: random.pick([0, 0, 0, 1, 5, 40, 2_000]),
    ...(!isGrouped && random.next() < 0.4 && { downsample }),
    ...(isGrouped && {
      aggregations: figures,
      several,
      groups: random.next() < 0.2 ? { unit: 'all' } : groups,
      ...(random.next() < 0.3 && { fill: random.pick(['null', 'previous', 'linear']) }),
    }),
  };
}

t.test('columns are the rows transposed', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  let answered = 0;
  for (let round = 0; round < 60; round++) {
    const timeMax = random.pick([5, 1_000, HOUR_MS]);
    const storage = new ThriftyStorage();
    for (let count = random.integer(6); count >= 0; count--) {
      const rowsMax = random.pick([3, 60, 1_500]);
      await storage.append(randomBatch(random, { sources: [0, 1, 2, 3], rowsMax, timeMax }));
    }
    for (let query = 0; query < 15; query++) {
      const request = randomRequest(random, timeMax);
      const { rows, ...extent } = await runQuery(storage, request);
      const result = await runColumns(storage, request);
      const { sources, rowCount, ...columnsExtent } = result;
      const asked = `round ${round}, ${JSON.stringify(request)}`;
      t.strictSame(linesOfColumns(sources), linesOfRows(rows), asked);
      t.strictSame(columnsExtent, extent, asked);
      t.equal(rowCount, rows.length);
      assertWellFormed(t, result, request);
      if (rows.length > 0) answered++;
    }
  }
  t.ok(answered > 300, `${answered} of the queries had an answer`);
});

t.test('names that objects have of their own', async t => {
  const storage = new ReferenceStorage();
  const values = JSON.parse('{"__proto__":1,"constructor":"c","min:t":2,"t":3}');
  await storage.append({ sources: [sourceBatchOf(1, [{ time: 5, values }])] });
  const request: QueryRequest = {
    sources: [1],
    startTime: 0,
    endTime: 10,
    order: 'asc',
    limit: 10,
    offset: 0,
  };
  const namesOf = async (part: Partial<QueryRequest>) =>
    (await runColumns(storage, { ...request, ...part })).sources[0].columns.map(
      ({ name, aggregation }) => `${name} ${aggregation}`,
    );
  const names = ['__proto__', 'constructor', 'min:t', 't'];
  const ofEach = (aggregation?: Aggregation) => names.map(name => `${name} ${aggregation}`).sort();
  t.same((await namesOf({})).sort(), ofEach());
  const grouped = { aggregations: ['last'], groups: { unit: 'all' } } as const;
  t.same((await namesOf(grouped)).sort(), ofEach());
  t.same((await namesOf({ ...grouped, several: true })).sort(), ofEach('last'));
});

t.test('a query that is no longer wanted stops', async t => {
  const storage = new ReferenceStorage();
  await storage.append({ sources: [sourceBatchOf(1, [{ time: 5, values: { v: 1 } }])] });
  const reason = new Error('gone');
  const request = { sources: [1], startTime: 0, endTime: 10, order: 'asc', limit: 10, offset: 0 } as const;
  await t.rejects(runColumns(storage, request, AbortSignal.abort(reason)), reason);
});
