import t from 'tap';
import type { Batch } from '../../engine/batch.js';
import type { Engine } from '../../engine/engine.js';
import { verifyEngine } from '../../engine/verify.js';
import { type OpenEngine, openEngine } from '../support/engine-on-disk.js';
import { CrashedError, FakeDisk } from '../support/fake-disk.js';
import { randomBatch } from '../support/points.js';
import { Random, testSeed } from '../support/random.js';

/**
 * What a store on a disk that crashes may hold: for every source the batches in order of row numbers, each with
 * whether it was acknowledged.
 */
interface Sent {
  readonly batch: Batch;
  readonly firstRows: readonly number[] | undefined;
}

class History {
  readonly sent: Sent[] = [];
  readonly erased = new Set<number>();
  /** Erased by a call that was not answered: either way is right. */
  readonly maybeErased = new Set<number>();
}

const SOURCES = [0, 1, 2, 3, 4, 5, 6, 7];

/** A number that tells one row from every other, so that a row found tells the batch it came from. */
function stamped(batch: Batch, stamp: number): Batch {
  return {
    sources: batch.sources.map(source => ({
      ...source,
      fields: [
        ...source.fields.filter(field => field.name !== 'stamp'),
        {
          name: 'stamp',
          type: 'number',
          values: Float64Array.from(source.timestamps, (_, row) => stamp * 1_000 + row),
        },
      ],
    })),
  };
}

/** Appends, flushes, compacts and erases until the power goes, or there is nothing left to do. */
async function work(disk: FakeDisk, random: Random, history: History): Promise<void> {
  let open: OpenEngine | undefined;
  try {
    open = await openEngine(disk, { segmentBytesMax: 8_192 });
    // A flush that the disk refuses is tried again for ever: the power cut is what ends it here.
    await Promise.race([steps(open, random, history), powerCut(disk)]);
    if (!disk.isCrashed) return await open.close();
  } catch (error) {
    if (!isCrash(error)) throw error;
  }
  await open?.engine.close();
}

async function steps({ engine }: OpenEngine, random: Random, history: History): Promise<void> {
  for (let step = 0; step < 12; step++) {
    const kind = random.next();
    if (kind < 0.25) await engine.flush();
    else if (kind < 0.33) await engine.compact();
    else if (kind < 0.4) await erase(engine, random, history);
    else
      await Promise.all(Array.from({ length: 1 + random.integer(3) }, () => append(engine, random, history)));
  }
}

async function powerCut(disk: FakeDisk): Promise<void> {
  while (!disk.isCrashed) await new Promise(resolve => setImmediate(resolve));
}

async function append(engine: Engine, random: Random, history: History): Promise<void> {
  const live = SOURCES.filter(source => !history.erased.has(source) && !history.maybeErased.has(source));
  if (live.length === 0) return;
  const batch = stamped(
    randomBatch(random, { sources: live, rowsMax: 8, timeMax: 1e6 }),
    history.sent.length,
  );
  const index = history.sent.push({ batch, firstRows: undefined }) - 1;
  const { firstRows } = await engine.append(batch);
  history.sent[index] = { batch, firstRows };
}

async function erase(engine: Engine, random: Random, history: History): Promise<void> {
  const source = random.pick(SOURCES);
  history.maybeErased.add(source);
  await engine.erase([source]);
  history.maybeErased.delete(source);
  history.erased.add(source);
}

function isCrash(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at instanceof CrashedError) return true;
  return false;
}

/** Stamps found in the store, by source. */
async function stampsOf(engine: Engine): Promise<Map<number, Set<number>>> {
  const found = new Map<number, Set<number>>(SOURCES.map(source => [source, new Set()]));
  const request = { sources: SOURCES, startTime: 0, endTime: 1e7, order: 'asc', metadata: false } as const;
  for await (const { source, fields } of engine.scan(request)) {
    for (const stamp of fields.find(field => field.name === 'stamp')?.values ?? []) {
      if (found.get(source)?.has(stamp)) throw new Error(`row ${stamp} is there twice`);
      found.get(source)?.add(stamp);
    }
  }
  return found;
}

function check(history: History, found: Map<number, Set<number>>): string | undefined {
  const known = new Set<number>();
  for (const [index, { batch, firstRows }] of history.sent.entries()) {
    let there = 0;
    let missing = 0;
    for (const { source, timestamps } of batch.sources) {
      if (history.erased.has(source)) continue;
      const isUncertain = history.maybeErased.has(source);
      for (let row = 0; row < timestamps.length; row++) {
        known.add(index * 1_000 + row);
        if (found.get(source)?.has(index * 1_000 + row)) there++;
        else if (!isUncertain) missing++;
      }
    }
    if (firstRows !== undefined && missing > 0) return `acknowledged batch ${index} lost ${missing} rows`;
    const certain = batch.sources.every(({ source }) => !history.maybeErased.has(source));
    if (certain && there > 0 && missing > 0) return `batch ${index} is there in part`;
  }
  for (const [source, stamps] of found) {
    if (history.erased.has(source) && stamps.size > 0) return `erased source ${source} is back`;
    for (const stamp of stamps) if (!known.has(stamp)) return `row ${stamp} was never sent`;
  }
  return undefined;
}

t.test('power cuts at any call lose nothing acknowledged and invent nothing', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  for (let round = 0; round < 350; round++) {
    const random = new Random(seed + round);
    const history = new History();
    let disk = new FakeDisk(seed + round);
    for (let life = 0; life < 3; life++) {
      disk.crashAt(disk.calls + 1 + random.integer(life === 0 ? 150 : 90));
      await work(disk, random, history);
      disk = disk.crash();
    }
    const { damages } = await verifyEngine(disk, '/data');
    if (damages.length > 0) t.fail(`round ${round}: ${damages}`);
    const { engine, close } = await openEngine(disk);
    const problem = check(history, await stampsOf(engine));
    if (problem !== undefined) t.fail(`round ${round} of seed ${seed}: ${problem}`);
    await close();
  }
  t.pass();
});

t.test('a disk that refuses one call: refused or stored, never half, and a restart has it all', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const total = await callsOf(seed);
  for (let call = 1; call <= total; call += 2 + (call % 3)) {
    for (const kind of ['EIO', 'ENOSPC', 'short'] as const) {
      const history = new History();
      const disk = new FakeDisk(seed);
      disk.failAt(call, kind);
      await workUntilRefused(disk, new Random(seed), history);
      const { engine, close } = await openEngine(disk.crash());
      const problem = check(history, await stampsOf(engine));
      if (problem !== undefined) t.fail(`${kind} at call ${call} of seed ${seed}: ${problem}`);
      await close();
    }
  }
  t.pass();
});

async function callsOf(seed: number): Promise<number> {
  const disk = new FakeDisk(seed);
  await workUntilRefused(disk, new Random(seed), new History());
  return disk.calls;
}

async function workUntilRefused(disk: FakeDisk, random: Random, history: History): Promise<void> {
  let open: OpenEngine | undefined;
  try {
    open = await openEngine(disk, { segmentBytesMax: 8_192 });
    for (let step = 0; step < 8; step++) {
      await append(open.engine, random, history);
      // A refused flush is tried again later: the points are in the log meanwhile.
      if (step % 3 === 2)
        await Promise.race([open.engine.flush(), new Promise(resolve => setTimeout(resolve, 5))]);
      if (step === 5) await erase(open.engine, random, history);
      if (step === 6) await open.engine.compact();
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (!['LOG_UNAVAILABLE', 'EIO', 'ENOSPC'].includes(code ?? '')) throw error;
  }
  await open?.engine.close();
}
