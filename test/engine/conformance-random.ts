import type { Test } from 'tap';
import { DAY_MS } from '../../engine/base/time.js';
import type { Batch } from '../../engine/batch.js';
import type { GroupSpec } from '../../engine/query/groups.js';
import type { ScanRequest, Storage } from '../../engine/storage.js';
import { randomBatch } from '../support/points.js';
import type { Random } from '../support/random.js';
import { readGroups, readRows, sumsAgree } from '../support/readings.js';
import { ReferenceStorage } from '../support/reference-storage.js';
import type { Subject } from './conformance.js';

const STEP_COUNT = 300;
const LIVE_SOURCES = 6;
const TIME_MAX = 3 * DAY_MS;

const GROUPS: readonly GroupSpec[] = [
  { unit: 'all' },
  { unit: 'minute', count: 7 },
  { unit: 'hour', count: 1 },
  { unit: 'hour', count: 5 },
  { unit: 'day', count: 1 },
  { unit: 'week', count: 1 },
  { unit: 'month', count: 1 },
  { unit: 'slices', startTime: 1_234, endTime: TIME_MAX, count: 97 },
  // Its midnights are at a quarter past an hour.
  { unit: 'day', count: 1, timezone: 'Asia/Kathmandu' },
];

/** Does the same random steps to the subject and to the reference, and asks both the same. */
export async function randomSequence(t: Test, subject: Subject, random: Random): Promise<void> {
  const reference = new ReferenceStorage();
  const live = Array.from({ length: LIVE_SOURCES }, (_, source) => source);
  const erased: number[] = [];
  for (let step = 0; step < STEP_COUNT; step++) {
    const name = `step ${step}`;
    const chance = random.next();
    if (chance < 0.4) {
      await appendBoth(t, subject, reference, random, live, name);
    } else if (chance < 0.43) {
      // An ordinal is never used again after its erase: another takes its place.
      const source = live.splice(random.integer(live.length), 1)[0];
      erased.push(source);
      live.push(LIVE_SOURCES + erased.length);
      await subject.storage.erase([source]);
      await reference.erase([source]);
    } else if (chance < 0.58) {
      await subject.disturb(step);
    } else if (chance < 0.64) {
      await subject.reopen();
    } else if (chance < 0.82) {
      const request = randomScan(random, [...live, ...erased]);
      const rows = await readRows(subject.storage, request);
      t.same(rows, await readRows(reference, request), `${name}: ${JSON.stringify(request)}`);
    } else {
      await sameGroups(t, subject.storage, reference, random, [...live, ...erased], name);
    }
    const source = random.pick([...live, ...erased]);
    t.same(subject.storage.stats(source), reference.stats(source), `${name}: stats of ${source}`);
    t.same(
      [...subject.storage.fields(source)],
      [...reference.fields(source)],
      `${name}: fields of ${source}`,
    );
  }
}

async function appendBoth(
  t: Test,
  subject: Subject,
  reference: Storage,
  random: Random,
  sources: readonly number[],
  name: string,
): Promise<void> {
  const rowsMax = random.next() < 0.1 ? 1_500 : 30;
  let batch = withoutEmptyFields(randomBatch(random, { sources, rowsMax, timeMax: TIME_MAX }));
  if (random.next() < 0.1) batch = withWrongType(batch);
  const outcome = (storage: Storage) =>
    storage.append(batch).then(
      ({ firstRows }) => firstRows,
      (error: { code?: string }) => error.code,
    );
  t.same(await outcome(subject.storage), await outcome(reference), `${name}: append`);
}

/** Whether a field without any value has been given is left open: a batch says nothing of it. */
function withoutEmptyFields(batch: Batch): Batch {
  return {
    sources: batch.sources.map(source => ({
      ...source,
      fields: source.fields.filter(field => field.values.some(value => !Number.isNaN(value))),
    })),
  };
}

/** Another type for the first field of the last source: refused, unless it is the field's first. */
function withWrongType({ sources }: Batch): Batch {
  const last = sources[sources.length - 1];
  const [{ name }, ...others] = last.fields;
  const values = new Float64Array(last.timestamps.length).fill(1);
  const type = last.fields[0].type === 'boolean' ? 'number' : 'boolean';
  return { sources: [...sources.slice(0, -1), { ...last, fields: [{ name, type, values }, ...others] }] };
}

function randomScan(random: Random, sources: readonly number[]): ScanRequest {
  return {
    sources: shuffledPart(random, sources),
    ...randomRange(random),
    ...randomFields(random),
    order: random.pick(['asc', 'desc']),
    metadata: random.next() < 0.5,
  };
}

async function sameGroups(
  t: Test,
  storage: Storage,
  reference: Storage,
  random: Random,
  sources: readonly number[],
  name: string,
): Promise<void> {
  const request = {
    sources: shuffledPart(random, sources),
    ...randomRange(random),
    ...randomFields(random),
    groups: random.pick(GROUPS),
  };
  const actual = await readGroups(storage, request);
  const wanted = await readGroups(reference, request);
  t.same(actual.lines, wanted.lines, `${name}: ${JSON.stringify(request)}`);
  const differing = actual.sums.findIndex((sum, at) => !sumsAgree(sum, wanted.sums[at]));
  t.equal(differing, -1, `${name}: sum ${actual.sums[differing]?.sum}, not ${wanted.sums[differing]?.sum}`);
}

function randomRange(random: Random): { startTime: number; endTime: number } {
  if (random.next() < 0.3) return { startTime: 0, endTime: TIME_MAX };
  const startTime = random.integer(TIME_MAX);
  return { startTime, endTime: startTime + random.integer(random.next() < 0.5 ? TIME_MAX : 1_000_000) };
}

function randomFields(random: Random): { fields?: readonly string[] } {
  if (random.next() < 0.5) return {};
  return { fields: ['temperature', 'noise', 'state', 'door', 'missing'].filter(() => random.next() < 0.5) };
}

function shuffledPart(random: Random, sources: readonly number[]): number[] {
  const rest = sources.filter(() => random.next() < 0.6);
  const shuffled: number[] = [];
  while (rest.length > 0) shuffled.push(...rest.splice(random.integer(rest.length), 1));
  return shuffled;
}
