import t from 'tap';
import { DAY_MS } from '../../engine/base/time.js';
import type { SourceBatch } from '../../engine/batch.js';
import type { Engine } from '../../engine/engine.js';
import { verifyEngine } from '../../engine/verify.js';
import { type OpenEngine, openEngine } from '../support/engine-on-disk.js';
import { FakeDisk } from '../support/fake-disk.js';
import { storageConformance } from './conformance.js';

async function subject() {
  const disk = new FakeDisk();
  let open: OpenEngine = await openEngine(disk);
  return {
    get storage() {
      return open.engine;
    },
    async reopen() {
      await open.close();
      open = await openEngine(disk);
      return open.engine;
    },
    async disturb(step: number) {
      if (step % 3 === 0) await open.engine.flush();
      if (step % 5 === 0) await open.engine.compact();
    },
    dispose: () => open.close(),
  };
}

storageConformance(t, subject);

function rows(source: number, times: readonly number[], value = 1): SourceBatch {
  const timestamps = Float64Array.from(times);
  return { source, timestamps, fields: [{ name: 'v', type: 'number', values: timestamps.map(() => value) }] };
}

async function timesOf(engine: Engine, source: number): Promise<number[]> {
  const times: number[] = [];
  const request = { sources: [source], startTime: 0, endTime: 1e12, order: 'asc', metadata: false } as const;
  for await (const chunk of engine.scan(request)) times.push(...chunk.timestamps);
  return times;
}

t.test('a full head becomes a segment by itself, and the log before it goes', async t => {
  const disk = new FakeDisk();
  const { engine, log, close } = await openEngine(disk, { headBytesMax: 2 ** 21, segmentBytesMax: 2 ** 18 });
  const times = Array.from({ length: 2_000 }, (_, row) => row);
  let logBytesMax = 0;
  let segmentsMax = 0;
  for (let round = 0; round < 150; round++) {
    await engine.append({
      sources: [
        rows(
          1,
          times.map(time => time + round * 2_000),
        ),
      ],
    });
    logBytesMax = Math.max(logBytesMax, log.bytes);
    // Four of them are merged, sooner or later.
    segmentsMax = Math.max(segmentsMax, engine.segmentCount);
  }
  t.ok(segmentsMax >= 2, `${segmentsMax} segments`);
  t.ok(logBytesMax < 6 * 2 ** 20, `the log never held more than ${logBytesMax} bytes of 4.8 MB`);
  t.equal((await timesOf(engine, 1)).length, 300_000);
  await close();
});

t.test('a listener that fails keeps no points from the log, nor the others from being told', async t => {
  const { engine, close } = await openEngine(new FakeDisk());
  const told: number[] = [];
  engine.subscribe(() => {
    throw new Error('a listener');
  });
  engine.subscribe(({ sources }) => told.push(sources[0].rowCount));
  await engine.append({ sources: [rows(1, [1, 2])] });
  await engine.append({ sources: [rows(1, [3])] });
  t.same(told, [2, 1]);
  t.same(await timesOf(engine, 1), [1, 2, 3]);
  await close();
});

t.test('an old head becomes a segment, however small', async t => {
  let now = 0;
  const disk = new FakeDisk();
  const { engine, close } = await openEngine(disk, { headAgeMaxMs: 60_000, clock: { now: () => now } });
  await engine.append({ sources: [rows(1, [5])] });
  now = 59_999;
  await engine.append({ sources: [rows(1, [6])] });
  t.equal(engine.segmentCount, 0);
  now = 60_000;
  while (engine.segmentCount === 0) await new Promise(resolve => setTimeout(resolve, 50));
  t.same(await timesOf(engine, 1), [5, 6]);
  await close();
});

t.test('a scan sees one moment, whatever happens meanwhile', async t => {
  const { engine, close } = await openEngine(new FakeDisk());
  const times = Array.from({ length: 5_000 }, (_, row) => row);
  await engine.append({ sources: [rows(1, times), rows(2, times)] });
  await engine.flush();
  await engine.append({ sources: [rows(1, times)] });
  const request = { sources: [1, 2], startTime: 0, endTime: 1e12, order: 'asc', metadata: false } as const;
  let count = 0;
  let chunks = 0;
  for await (const chunk of engine.scan(request)) {
    count += chunk.timestamps.length;
    chunks++;
    if (chunks === 2) await engine.append({ sources: [rows(1, [4_999, 0, 7]), rows(2, [1])] });
    if (chunks === 3) await engine.flush();
    if (chunks === 4) await engine.erase([1]);
    if (chunks === 5) await engine.flush();
  }
  t.equal(count, 15_000);
  t.same(await timesOf(engine, 1), []);
  t.equal((await timesOf(engine, 2)).length, 5_001);
  await close();
});

t.test(
  'while the disk refuses segments points are taken until memory is full, then refused, then taken again',
  async t => {
    const disk = new FakeDisk();
    let isRefusing = true;
    const refusing: typeof disk = new Proxy(disk, {
      get(target, name) {
        if (name === 'create' && isRefusing) {
          return (path: string) =>
            path.includes('segments/')
              ? Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }))
              : target.create(path);
        }
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const { engine, close } = await openEngine(refusing, { headBytesMax: 2 ** 21 });
    const times = Array.from({ length: 10_000 }, (_, row) => row);
    let taken = 0;
    const fill = async () => {
      for (;;) {
        await engine.append({ sources: [rows(1, times)] });
        taken += times.length;
      }
    };
    await t.rejects(fill(), { code: 'STORAGE_UNAVAILABLE' });
    t.ok(taken >= 50_000, `${taken} rows were taken`);
    t.ok(engine.headBytes < 12 * 2 ** 20, `memory stays bounded: ${engine.headBytes}`);
    t.match(engine.failure, { code: 'STORAGE_UNAVAILABLE' });
    t.equal((await timesOf(engine, 1)).length, taken, 'reads go on');
    isRefusing = false;
    while (engine.failure !== undefined) await new Promise(resolve => setTimeout(resolve, 50));
    await engine.append({ sources: [rows(1, times)] });
    t.equal((await timesOf(engine, 1)).length, taken + times.length);
    await close();
  },
);

t.test('damage is named, and contained to what it spoils', async t => {
  const disk = new FakeDisk();
  const first = await openEngine(disk);
  const times = Array.from({ length: 3_000 }, (_, row) => row);
  await first.engine.append({ sources: [rows(1, times), rows(2, times)] });
  await first.close();
  const path = [...disk.files().keys()].find(name => name.endsWith('.segment')) as string;
  disk.corrupt(path, 20);
  const { engine, close } = await openEngine(disk);
  await t.rejects(timesOf(engine, 1), { code: 'SEGMENT_CORRUPT', file: path, offset: 16 });
  t.equal((await timesOf(engine, 2)).length, 3_000);
  t.equal(engine.stats(1).rowCount, 3_000);
  await close();
});

t.test('a lost manifest is not taken for an empty store, nor are its segments for leftovers', async t => {
  for (const segments of [1, 3]) {
    const disk = new FakeDisk();
    const { engine, close } = await openEngine(disk);
    for (let round = 0; round < segments; round++) {
      await engine.append({ sources: [rows(1, [round])] });
      await engine.flush();
    }
    await close();
    await disk.unlink('/data/manifest');
    const before = disk.files();
    await t.rejects(openEngine(disk), { code: 'MANIFEST_CORRUPT' });
    t.same(disk.files(), before);
    t.match((await verifyEngine(disk, '/data')).damages, [/manifest .*missing/]);
  }
});

t.test('a segment whose sources are all erased goes from the disk', async t => {
  const disk = new FakeDisk();
  const { engine, close } = await openEngine(disk);
  await engine.append({ sources: [rows(1, [1])] });
  await engine.flush();
  await engine.append({ sources: [rows(2, [1])] });
  await engine.flush();
  t.equal(engine.segmentCount, 2);
  await engine.erase([1]);
  await engine.flush();
  t.equal(engine.segmentCount, 1);
  t.equal([...disk.files().keys()].filter(name => name.endsWith('.segment')).length, 1);
  await close();
});

t.test('many small segments become one, with late points in their place', async t => {
  const disk = new FakeDisk();
  const { engine, close } = await openEngine(disk);
  for (let round = 0; round < 12; round++) {
    await engine.append({ sources: [rows(1, [round * 10, 1_000 - round]), rows(round + 2, [round])] });
    await engine.flush();
  }
  await engine.compact();
  t.ok(engine.segmentCount < 4, `${engine.segmentCount} segments`);
  const sorted = Array.from({ length: 12 }, (_, round) => [round * 10, 1_000 - round]).flat();
  t.same(
    await timesOf(engine, 1),
    sorted.sort((left, right) => left - right),
  );
  for (let round = 0; round < 12; round++) t.same(await timesOf(engine, round + 2), [round]);
  t.equal([...disk.files().keys()].filter(name => name.includes('segments/')).length, engine.segmentCount);
  t.same((await verifyEngine(disk, '/data')).damages, []);
  await close();
});

t.test('what is erased or too old leaves the disk, and its counts go with it', async t => {
  const disk = new FakeDisk();
  const keepFrom = new Map<number, number>();
  const { engine, close } = await openEngine(disk, { keepFrom: () => keepFrom });
  const times = Array.from({ length: 5_000 }, (_, row) => row);
  const rowsOnDisk = async () => {
    const { segments, damages } = await verifyEngine(disk, '/data');
    t.same(damages, []);
    return segments.reduce((sum, { rowCount }) => sum + rowCount, 0);
  };
  await engine.append({ sources: [rows(1, times), rows(2, times), rows(3, times)] });
  await engine.flush();
  await engine.append({ sources: [rows(1, [6_000])] });
  await engine.erase([2]);
  await engine.flush();
  await engine.compact();
  t.equal(await rowsOnDisk(), 10_001);
  keepFrom.set(1, 4_000).set(3, 9_000);
  await engine.compact();
  t.same(engine.stats(1), { rowCount: 1_001, firstTime: 4_000, lastTime: 6_000 });
  t.same(await timesOf(engine, 1), [...times.slice(4_000), 6_000]);
  t.same(engine.stats(3), { rowCount: 0, firstTime: undefined, lastTime: undefined });
  t.same(await timesOf(engine, 3), []);
  t.same((await engine.append({ sources: [rows(3, [10_000])] })).firstRows, [5_000], 'row numbers go on');
  t.equal(await rowsOnDisk(), 1_001);
  await close();
});

t.test('a late point does not spread the segment that it comes with', async t => {
  const { engine, close } = await openEngine(new FakeDisk());
  const today = Array.from({ length: 3_000 }, (_, row) => 100 * DAY_MS + row);
  const late = [3 * DAY_MS, 60 * DAY_MS, 3 * DAY_MS, 61 * DAY_MS, 90 * DAY_MS];
  await engine.append({ sources: [rows(1, [...today, ...late]), rows(2, [5])] });
  await engine.append({ sources: [rows(1, [100 * DAY_MS + 1])] });
  await engine.flush();
  t.equal(engine.segmentCount, 4);
  const sorted = [...today, ...late, 100 * DAY_MS + 1].sort((left, right) => left - right);
  t.same(await timesOf(engine, 1), sorted);
  t.same(await timesOf(engine, 2), [5]);
  await close();
});

t.test('what is too old leaves the disk within a minute, however the time to keep it changes', async t => {
  const disk = new FakeDisk();
  let now = 100 * DAY_MS;
  let days = 50;
  const { engine, close } = await openEngine(disk, {
    clock: { now: () => now },
    keepFrom: () => new Map([[1, now - days * DAY_MS]]),
  });
  for (const day of [60, 70, 80, 90]) {
    const times = Array.from({ length: 4 ** ((day - 50) / 10) * 64 }, (_, row) => day * DAY_MS + row);
    await engine.append({ sources: [rows(1, times)] });
    await engine.flush();
  }
  const segments = () => [...disk.files().keys()].filter(path => path.startsWith('/data/segments/')).length;
  const segmentsAre = async (count: number) => {
    // The engine looks at its clock once a second.
    for (let turns = 0; segments() !== count && turns < 100; turns++) {
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    t.equal(segments(), count);
    t.equal(engine.segmentCount, count);
  };
  await segmentsAre(4);
  // Until now it has looked once at least: nothing is too old.
  days = 25;
  now += 60_000;
  await segmentsAre(2);
  t.equal(engine.stats(1).firstTime, 80 * DAY_MS);
  now += 20 * DAY_MS;
  await segmentsAre(0);
  t.equal(engine.stats(1).rowCount, 0);
  await close();
});

t.test('a query that is half read goes on whatever goes meanwhile, and the files go after it', async t => {
  const disk = new FakeDisk();
  const keepFrom = new Map<number, number>();
  const { engine, close } = await openEngine(disk, { keepFrom: () => keepFrom });
  const segments = () => [...disk.files().keys()].filter(path => path.startsWith('/data/segments/')).length;
  const times = Array.from({ length: 2_000 }, (_, row) => row);
  for (let round = 0; round < 3; round++) {
    await engine.append({ sources: [1, 2, 3].map(source => rows(source, times)) });
    await engine.flush();
  }
  const sources = [1, 2, 3];
  const scan = engine.scan({ sources, startTime: 0, endTime: 1e12, order: 'asc', metadata: false });
  const summary = engine.summarise({ sources, startTime: 0, endTime: 1e12, groups: { unit: 'all' } });
  let scanned = (await scan.next()).value?.timestamps.length ?? 0;
  let summed = (await summary.next()).value?.rowCounts[0] ?? 0;
  await engine.append({ sources: sources.map(source => rows(source, times)) });
  await engine.flush();
  await engine.compact();
  t.equal(engine.segmentCount, 1);
  t.equal(segments(), 4, 'three are being read');
  keepFrom.set(1, 5_000);
  await engine.erase([2]);
  await engine.compact();
  keepFrom.set(3, 5_000);
  await engine.compact();
  t.equal(engine.segmentCount, 0);
  t.equal(segments(), 3);
  for await (const chunk of scan) scanned += chunk.timestamps.length;
  t.equal(segments(), 3, 'one query is left');
  for await (const chunk of summary) summed += chunk.rowCounts[0];
  t.equal(scanned, 18_000);
  t.equal(summed, 18_000);
  while (segments() > 0) await new Promise(resolve => setImmediate(resolve));
  await close();
});

t.test('a scan keeps the segments it reads, though they are compacted meanwhile', async t => {
  const { engine, close } = await openEngine(new FakeDisk());
  for (let round = 0; round < 5; round++) {
    await engine.append({
      sources: [
        rows(
          1,
          Array.from({ length: 2_000 }, (_, row) => round * 2_000 + row),
        ),
      ],
    });
    await engine.flush();
  }
  const request = { sources: [1], startTime: 0, endTime: 1e12, order: 'asc', metadata: false } as const;
  let count = 0;
  for await (const chunk of engine.scan(request)) {
    if (count === 0) await engine.compact();
    count += chunk.timestamps.length;
  }
  t.equal(count, 10_000);
  await close();
});

t.test('a damaged segment is left as it is, and the others are compacted', async t => {
  const disk = new FakeDisk();
  const logged: string[] = [];
  const logger = { info() {}, error: (_: object, message: string) => logged.push(message) };
  const first = await openEngine(disk);
  await first.engine.append({ sources: [rows(1, [1]), rows(2, [1])] });
  await first.close();
  const path = [...disk.files().keys()].find(name => name.endsWith('.segment')) as string;
  disk.corrupt(path, 20);
  const { engine, close } = await openEngine(disk, { logger });
  for (let round = 0; round < 8; round++) {
    await engine.append({ sources: [rows(3, [round])] });
    await engine.flush();
    await engine.compact();
  }
  t.ok(
    logged.some(message => message.includes(path)),
    'the damage is told of',
  );
  t.ok(disk.files().has(path));
  t.equal((await timesOf(engine, 3)).length, 8);
  t.ok(engine.segmentCount < 8);
  t.same(await timesOf(engine, 2), [1]);
  await close();
});
