/** Upkeep on a disk that loses its power, or refuses, at every single call: rows are there once, or were to go. */
import t from 'tap';
import { DAY_MS } from '../../../engine/base/time.js';
import type { SourceBatch } from '../../../engine/batch.js';
import type { Engine } from '../../../engine/engine.js';
import { verifyEngine } from '../../../engine/verify.js';
import { type OpenEngine, openEngine } from '../../support/engine-on-disk.js';
import { type FailureKind, FakeDisk } from '../../support/fake-disk.js';
import { testSeed } from '../../support/random.js';

/** Times of rows, by source. */
type Rows = Readonly<Record<number, readonly number[]>>;

interface Scenario {
  readonly name: string;
  /** What is there before: a flush each. */
  readonly flushes: readonly Rows[];
  /** Acknowledged, but in no segment yet. */
  readonly head?: Rows;
  readonly keepFrom?: ReadonlyMap<number, number>;
  work(engine: Engine): Promise<unknown>;
  /** Rows that may go once the work is begun, and are gone when it is done. */
  isLeaving?(source: number, time: number): boolean;
  /** Segments when the work is done. */
  readonly segments: number;
}

const SOURCES = [1, 2, 3];
const TODAY = 20_000 * DAY_MS;

/** Rows a minute apart, from some time of a day on. */
function minutes(day: number, count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, row) => TODAY + day * DAY_MS + (from + row) * 60_000);
}

const scenarios: Scenario[] = [
  {
    name: 'a flush of several partitions',
    flushes: [{ 1: minutes(0, 100) }],
    head: {
      1: [...minutes(0, 300, 100), ...minutes(-30, 2), ...minutes(-3, 1)],
      2: minutes(0, 3),
      3: minutes(-9, 1),
    },
    work: engine => engine.flush(),
    segments: 5,
  },
  {
    name: 'a merge',
    flushes: [0, 20, 40, 60].map(from => ({
      1: minutes(0, 20, from),
      [2 + (from % 3 ? 1 : 0)]: minutes(0, 5, from),
    })),
    work: engine => engine.compact(),
    segments: 1,
  },
  {
    name: 'late rows folded in',
    flushes: [{ 1: minutes(0, 300), 2: minutes(0, 10) }, { 1: minutes(0, 50).map(time => time + 30_000) }],
    work: engine => engine.compact(),
    segments: 1,
  },
  {
    name: 'rows that are too old',
    flushes: [
      { 1: minutes(-9, 10), 2: minutes(-9, 10) },
      { 1: minutes(-5, 80), 3: minutes(-5, 2) },
      { 1: minutes(0, 300) },
    ],
    keepFrom: new Map([
      [1, TODAY],
      [2, TODAY],
    ]),
    work: engine => engine.compact(),
    isLeaving: (source, time) => source !== 3 && time < TODAY,
    segments: 2,
  },
  {
    name: 'erased sources',
    flushes: [{ 2: minutes(-4, 10) }, { 1: minutes(-3, 80), 2: minutes(-3, 80) }, { 3: minutes(0, 300) }],
    head: { 2: minutes(0, 5), 3: minutes(1, 2) },
    work: async engine => {
      await engine.erase([2]);
      await engine.flush();
      await engine.compact();
    },
    isLeaving: source => source === 2,
    segments: 3,
  },
];

/** A row's value tells which one it is. */
function batchOf(rows: Rows): SourceBatch[] {
  return Object.entries(rows).map(([source, times]) => ({
    source: Number(source),
    timestamps: Float64Array.from(times),
    fields: [{ name: 'v', type: 'number', values: Float64Array.from(times, time => time + Number(source)) }],
  }));
}

/** The files of a store that was stopped before the work. */
async function prepared({ flushes }: Scenario): Promise<ReadonlyMap<string, Uint8Array>> {
  const disk = new FakeDisk();
  for (const rows of flushes) {
    const { engine, close } = await openEngine(disk);
    await engine.append({ sources: batchOf(rows) });
    // The last flush comes with the end: nothing is compacted yet.
    await close();
  }
  return disk.files();
}

async function begun(files: ReadonlyMap<string, Uint8Array>, scenario: Scenario, seed: number) {
  const disk = new FakeDisk(seed);
  for (const [path, bytes] of files) disk.put(path, bytes);
  const open = await reopened(disk, scenario);
  if (scenario.head !== undefined) await open.engine.append({ sources: batchOf(scenario.head) });
  return { disk, open };
}

function reopened(disk: FakeDisk, { keepFrom = new Map() }: Scenario): Promise<OpenEngine> {
  return openEngine(disk, { keepFrom: () => keepFrom });
}

/** What is wrong with the rows, if anything. */
async function problemOf(engine: Engine, scenario: Scenario, isDone: boolean): Promise<string | undefined> {
  const wanted = new Set<string>();
  const leaving = new Set<string>();
  for (const rows of [...scenario.flushes, scenario.head ?? {}]) {
    for (const [source, times] of Object.entries(rows)) {
      for (const time of times) {
        const isLeaving = scenario.isLeaving?.(Number(source), time) ?? false;
        (isLeaving ? leaving : wanted).add(`${source}@${time}`);
      }
    }
  }
  const found = new Set<string>();
  const request = {
    sources: SOURCES,
    startTime: 0,
    endTime: 2 ** 43,
    order: 'asc',
    metadata: false,
  } as const;
  for await (const { source, timestamps, fields } of engine.scan(request)) {
    for (let row = 0; row < timestamps.length; row++) {
      const name = `${source}@${timestamps[row]}`;
      if (found.has(name)) return `${name} is there twice`;
      if (!wanted.has(name) && (isDone || !leaving.has(name))) return `${name} should not be there`;
      if (fields[0].values[row] !== timestamps[row] + source) return `${name} has another value`;
      found.add(name);
    }
  }
  for (const name of wanted) if (!found.has(name)) return `${name} is lost`;
  const count = SOURCES.reduce((sum, source) => sum + engine.stats(source).rowCount, 0);
  return count === found.size ? undefined : `${count} rows are counted, ${found.size} are there`;
}

/** Does the work on what was found, and looks at everything that it leaves. */
async function problemAfter(disk: FakeDisk, scenario: Scenario): Promise<string | undefined> {
  const { engine, close } = await reopened(disk, scenario);
  const early = await problemOf(engine, scenario, false);
  await scenario.work(engine);
  await engine.compact();
  const late = early ?? (await problemOf(engine, scenario, true));
  const count = engine.segmentCount;
  await close();
  if (late !== undefined) return late;
  // Which segments a merge takes depends on what was in the head: it may have been flushed on its own by then.
  if (count > scenario.segments) return `${count} segments are left`;
  const { damages, segments } = await verifyEngine(disk, '/data');
  if (damages.length > 0) return damages.join();
  const files = [...disk.files().keys()].filter(path => path.startsWith('/data/segments/'));
  return files.length === segments.length ? undefined : `${files} are on the disk`;
}

/** Segments on the disk that nobody knows, once another manifest is there. */
async function leftoverOf(disk: FakeDisk, engine: Engine): Promise<string | undefined> {
  await engine.erase([99]);
  await engine.flush();
  await engine.compact();
  const files = [...disk.files().keys()].filter(path => path.endsWith('.segment'));
  return files.length === engine.segmentCount ? undefined : `${files} are on the disk`;
}

/** Waits for the end of the work, or of the power. */
async function ended(work: Promise<unknown>, disk: FakeDisk): Promise<void> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  work.then(done, done);
  while (!isDone && !disk.isCrashed) await new Promise(resolve => setImmediate(resolve));
}

/** Calls of the work when nothing goes wrong. */
async function callsOf(files: ReadonlyMap<string, Uint8Array>, scenario: Scenario): Promise<number> {
  const { disk, open } = await begun(files, scenario, 1);
  const before = disk.calls;
  await scenario.work(open.engine);
  const calls = disk.calls - before;
  await open.close();
  return calls;
}

const seed = testSeed();

for (const scenario of scenarios) {
  t.test(`${scenario.name}: the work is what it is meant to be`, async t => {
    const { open } = await begun(await prepared(scenario), scenario, 1);
    await scenario.work(open.engine);
    t.equal(await problemOf(open.engine, scenario, true), undefined);
    t.equal(open.engine.segmentCount, scenario.segments);
    await open.close();
  });

  t.test(`${scenario.name}: power cuts at every call`, async t => {
    t.comment(`seed ${seed}`);
    const files = await prepared(scenario);
    const calls = await callsOf(files, scenario);
    t.comment(`${calls} calls`);
    // What a cut leaves is a matter of chance: two tries each.
    for (let round = 0; round < calls * 2; round++) {
      const { disk, open } = await begun(files, scenario, seed + round);
      disk.crashAt(disk.calls + 1 + (round % calls));
      await ended(scenario.work(open.engine), disk);
      await open.engine.close().catch(() => {});
      const problem = await problemAfter(disk.crash(), scenario);
      if (problem !== undefined) t.fail(`call ${1 + (round % calls)}, seed ${seed + round}: ${problem}`);
    }
    t.ok(calls > 8);
  });

  t.test(`${scenario.name}: a refusal at every call`, async t => {
    t.comment(`seed ${seed}`);
    const files = await prepared(scenario);
    const calls = await callsOf(files, scenario);
    const refused = async (call: number, kind: FailureKind) => {
      const { disk, open } = await begun(files, scenario, seed + call);
      disk.failAt(disk.calls + call, kind);
      // Where the log was refused the work is, too: the engine reads on, and a start has it all.
      const isRefused = await scenario.work(open.engine).then(
        () => false,
        () => true,
      );
      const isLogWell = open.log.failure === undefined;
      if (isLogWell) await scenario.work(open.engine);
      const leftover = isLogWell ? await leftoverOf(disk, open.engine) : undefined;
      const problem = leftover ?? (await problemOf(open.engine, scenario, isLogWell));
      await open.engine.close();
      if (isLogWell) await open.log.close();
      const isHonest = !isRefused || !isLogWell;
      const found = problem ?? (isHonest ? undefined : 'refused without need');
      const wrong = found ?? (await problemAfter(disk.crash(), scenario));
      if (wrong !== undefined) t.fail(`${kind} at call ${call}, seed ${seed + call}: ${wrong}`);
    };
    // All at once: a flush that was refused waits before it tries again.
    const all = Array.from({ length: calls }, (_, at) => at + 1);
    await Promise.all(all.map(call => refused(call, 'EIO')));
    await Promise.all(all.map(call => refused(call, call % 2 === 0 ? 'ENOSPC' : 'short')));
    t.pass();
  });
}
