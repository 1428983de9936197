/** Snapshots stay as they were, here and where another thread would open them. */
import t from 'tap';
import { SegmentReader } from '../../engine/segment/reader.js';
import { EngineSnapshot } from '../../engine/snapshot.js';
import type { Readable, ScanRequest } from '../../engine/storage.js';
import { openEngine } from '../support/engine-on-disk.js';
import { FakeDisk } from '../support/fake-disk.js';
import { randomBatch } from '../support/points.js';
import { Random, testSeed } from '../support/random.js';
import { rowLines } from '../support/readings.js';

const SOURCES = [1, 2, 3, 4];
const ALL: ScanRequest = { sources: SOURCES, startTime: 0, endTime: 1e9, order: 'asc', metadata: true };

async function everything(storage: Readable): Promise<string[]> {
  const lines: string[] = [];
  for (const order of ['asc', 'desc'] as const) {
    const request = { ...ALL, order };
    for await (const chunk of storage.scan(request)) lines.push(...rowLines(chunk, request));
  }
  for await (const chunk of storage.summarise({ ...ALL, groups: { unit: 'minute', count: 7 } })) {
    lines.push(JSON.stringify([chunk.source, [...chunk.starts], [...chunk.rowCounts]]));
  }
  for (const source of SOURCES)
    lines.push(JSON.stringify([storage.stats(source), [...storage.fields(source)]]));
  return lines;
}

t.test(
  'a snapshot and its copy see the same before and after flush, compaction, erase and more points',
  async t => {
    const seed = testSeed();
    t.comment(`DAKKIO_TEST_SEED=${seed}`);
    const random = new Random(seed);
    const disk = new FakeDisk();
    const { engine, close } = await openEngine(disk);
    const append = () => engine.append(randomBatch(random, { sources: SOURCES, rowsMax: 300, timeMax: 1e8 }));
    for (let round = 0; round < 6; round++) {
      await append();
      if (round < 5) await engine.flush();
    }
    for (const source of SOURCES) await engine.append({ sources: [pointAt(source, 5)] });
    const expected = await everything(engine);
    const snapshot = engine.snapshot(SOURCES);
    // As a worker gets it: a copy, but for the shared memory.
    const opened = EngineSnapshot.open(
      path => new SegmentReader(disk, path),
      structuredClone(snapshot.share()),
    );
    t.same(await everything(snapshot), expected, 'at once');
    t.same(await everything(opened), expected, 'the copy, at once');
    for (let round = 0; round < 8; round++) {
      await append();
      await engine.flush();
      await engine.compact();
    }
    await engine.erase([2]);
    await append();
    t.same(await everything(snapshot), expected, 'later');
    const late = EngineSnapshot.open(
      path => new SegmentReader(disk, path),
      structuredClone(snapshot.share()),
    );
    t.same(await everything(late), expected, 'a copy that is opened later: the files are still there');
    opened.release();
    late.release();
    const fileCount = async () => (await disk.list('/data/segments')).length;
    t.ok((await fileCount()) > engine.segmentCount, 'more files than the engine needs');
    snapshot.release();
    for (let turn = 0; turn < 1_000 && (await fileCount()) > engine.segmentCount; turn++);
    t.equal(await fileCount(), engine.segmentCount, 'they go with the last reader');
    t.notSame(await everything(engine), expected, 'the engine has moved on');
    await close();
  },
);

t.test('sources that were not asked for, or are erased, have no rows', async t => {
  const { engine, close } = await openEngine(new FakeDisk());
  await engine.append({ sources: [pointAt(1, 5), pointAt(2, 5)] });
  await engine.flush();
  await engine.append({ sources: [pointAt(1, 6), pointAt(2, 6)] });
  await engine.erase([2]);
  const snapshot = engine.snapshot([2]);
  t.same(snapshot.stats(1), { rowCount: 0, firstTime: undefined, lastTime: undefined });
  t.same(snapshot.stats(2), { rowCount: 0, firstTime: undefined, lastTime: undefined });
  for await (const chunk of snapshot.scan(ALL)) t.fail(`rows of ${chunk.source}`);
  snapshot.release();
  await close();
});

function pointAt(source: number, time: number) {
  return { source, timestamps: Float64Array.of(time), fields: [] };
}
