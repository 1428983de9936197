/** What there is in a period, from rows in many places, is what plain loops over all rows say. */
import t, { type Test } from 'tap';
import { HOUR_MS } from '../../../engine/base/time.js';
import { type Batch, packBatch } from '../../../engine/batch.js';
import type { Storage } from '../../../engine/storage.js';
import {
  type PeriodFigures,
  type PeriodRequest,
  periodCost,
  periodFigures,
} from '../../../server/analytics/period.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { randomBatch } from '../../support/points.js';
import { Random, testSeed } from '../../support/random.js';
import { ReferenceStorage } from '../../support/reference-storage.js';
import { type PlainRow, plainRows } from '../../support/rows.js';

const SOURCES = [1, 2, 3, 4, 5];
/** One that has windows: a reading a second, one decimal. */
const DENSE = 4;
/** One that nobody has sent anything of. */
const EMPTY = 5;
const TIME_MAX = 30 * HOUR_MS;

function dense(from: number, rowCount: number): Batch {
  const timestamps = Float64Array.from({ length: rowCount }, (_, row) => (from + row) * 1_000);
  const values = timestamps.map(time => Math.round(Math.sin(time / 1e6) * 100) / 10);
  return {
    sources: [{ source: DENSE, timestamps, fields: [{ name: 'temperature', type: 'number', values }] }],
  };
}

function naive(storage: Storage, all: readonly PlainRow[], request: PeriodRequest): PeriodFigures {
  const rows = all.filter(
    ({ source, time }) =>
      request.sources.includes(source) && time >= request.startTime && time < request.endTime,
  );
  const first = Math.floor(request.startTime / HOUR_MS);
  const hours = new Float64Array(request.byHour ? Math.ceil(request.endTime / HOUR_MS) - first : 0);
  if (request.byHour) for (const { time } of rows) hours[Math.floor(time / HOUR_MS) - first]++;
  const sources = request.detailed.flatMap(source => {
    const own = rows.filter(row => row.source === source);
    if (own.length === 0) return [];
    const numbers = [...storage.fields(source)].filter(([, type]) => type === 'number');
    const fields = numbers.flatMap(([name]) => {
      const values = own.flatMap(row => (name in row.values ? [Number(row.values[name])] : []));
      if (values.length === 0) return [];
      let sum = 0;
      for (const value of values) sum += value;
      const min = values.reduce((least, value) => Math.min(least, value));
      const max = values.reduce((most, value) => Math.max(most, value));
      return [{ name, avg: sum / values.length, min, max }];
    });
    return [{ source, count: own.length, lastTime: own[own.length - 1].time, fields }];
  });
  return { count: rows.length, hours, sources };
}

/** How far averages may be apart: sums depend on the order in which they are made. */
const AVERAGE_ERROR_MAX = 1e-9;

function comparable({ count, hours, sources }: PeriodFigures) {
  return {
    count,
    hours: [...hours],
    sources: sources.map(({ fields, ...rest }) => ({
      ...rest,
      fields: fields
        // -0 is 0: which of them comes first is the order's, too.
        .map(({ name, min, max }) => ({ name, min: min + 0, max: max + 0 }))
        .sort((left, right) => (left.name < right.name ? -1 : 1)),
    })),
  };
}

function averages({ sources }: PeriodFigures): Map<string, number> {
  return new Map(
    sources.flatMap(({ source, fields }) => fields.map(({ name, avg }) => [`${source} ${name}`, avg])),
  );
}

function check(t: Test, found: PeriodFigures, want: PeriodFigures, name: string): void {
  t.same(comparable(found), comparable(want), name);
  const foundAverages = averages(found);
  for (const [field, avg] of averages(want)) {
    const error = Math.abs((foundAverages.get(field) ?? Number.NaN) - avg);
    if (!(error <= AVERAGE_ERROR_MAX)) t.fail(`${name}: the average of ${field} is off by ${error}`);
  }
}

t.test('figures of any period and any sources are those of plain loops', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const reference = new ReferenceStorage();
  const { engine, close } = await openEngine(new FakeDisk(seed));
  const append = async (batch: Batch) => {
    // Numbers beyond all bounds have sums that depend on the order.
    const tame = {
      sources: batch.sources.map(source => ({
        ...source,
        fields: source.fields.map(field =>
          field.type === 'number'
            ? { ...field, values: field.values.map(value => (Math.abs(value) > 1e15 ? 7 : value)) }
            : field,
        ),
      })),
    };
    await engine.append(packBatch(tame));
    await reference.append(tame);
  };
  for (let part = 0; part < 4; part++) {
    await append(randomBatch(random, { sources: [1, 2, 3], rowsMax: 300, timeMax: TIME_MAX }));
    await append(dense(part * 5_000, 7_000));
    if (part === 1) await engine.flush();
    if (part === 2) await engine.flush();
    if (part === 2) await engine.compact();
  }
  const all = await plainRows(reference, SOURCES);
  const signal = new AbortController().signal;
  for (let round = 0; round < 120; round++) {
    const startTime = random.integer(4) === 0 ? 0 : random.integer(TIME_MAX);
    const width = random.integer(3) === 0 ? random.integer(HOUR_MS) : random.integer(TIME_MAX * 1.2);
    const sources = SOURCES.filter(() => random.integer(4) > 0);
    const request: PeriodRequest = {
      startTime,
      endTime: startTime + 1 + width,
      sources,
      detailed: sources.filter(() => random.integer(3) > 0),
      byHour: random.integer(2) === 0,
    };
    const want = naive(reference, all, request);
    const name = `round ${round} of seed ${seed}`;
    check(t, await periodFigures(engine, request, signal), want, name);
    if (round % 10 === 0) check(t, await periodFigures(reference, request, signal), want, name);
    t.ok(periodCost(engine, request, Infinity) >= periodCost(engine, { ...request, detailed: [] }, Infinity));
  }
  const none: PeriodRequest = {
    startTime: 0,
    endTime: 1e12,
    sources: [EMPTY],
    detailed: [EMPTY],
    byHour: false,
  };
  t.same(await periodFigures(engine, none, signal), { count: 0, hours: new Float64Array(0), sources: [] });
  t.equal(periodCost(engine, none, Infinity), 0);
  await t.rejects(
    periodFigures(engine, { ...none, sources: SOURCES, startTime: 5, byHour: true }, AbortSignal.abort()),
  );
  await close();
});
