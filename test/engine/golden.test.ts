import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Engine } from '../../engine/engine.js';
import type { MarkKeeper } from '../../engine/marks.js';
import { verifyEngine } from '../../engine/verify.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import type { Sequence } from '../../wal/records.js';
import { figuresOf } from '../support/figures.js';
import { projectRoot } from '../support/root.js';
import { digestOf, plainRows } from '../support/rows.js';

const golden = join(projectRoot, 'test/golden');

/** An engine on a copy of a golden store, after a look at every byte of it. */
async function openCopy(t: Test, store: string, segmentCount: number, marks?: MarkKeeper) {
  const directory = await mkdtemp(join(tmpdir(), 'dakkio-golden-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await cp(join(golden, store, 'data'), directory, { recursive: true });
  const verdict = await verifyEngine(nodeDisk, directory);
  t.same(verdict.damages, []);
  t.equal(verdict.segments.length, segmentCount);
  const engine = await Engine.open({ disk: nodeDisk, directory, marks });
  const log = await Log.open({
    disk: nodeDisk,
    directory: join(directory, 'wal'),
    participants: engine.participants,
  });
  engine.start(log);
  return {
    directory,
    engine,
    async close() {
      await engine.close();
      await log.close();
    },
  };
}

t.test('version 1: a data directory of then holds now what it held', async t => {
  const want = JSON.parse(await readFile(join(golden, 'v1/store/rows.json'), 'utf8'));
  const { directory, engine, close } = await openCopy(t, 'v1/store', 2);
  t.same(await plainRows(engine, [3, 9, 4_000_000_000]), want);
  t.equal(engine.stats(3).rowCount, 1_170);
  t.equal(engine.stats(9).rowCount, 0);
  // Opened by this version it becomes this version's, in a real worker, and still holds the same.
  await engine.flush();
  t.same(await plainRows(engine, [3, 9, 4_000_000_000]), want);
  await close();
  t.same((await verifyEngine(nodeDisk, directory)).damages, []);
});

t.test('version 2: a data directory of then holds now what it held, rollups included', async t => {
  const want = (await readFile(join(golden, 'v2/store/rows.sha256'), 'utf8')).trim();
  const figures = (await readFile(join(golden, 'v2/store/figures.txt'), 'utf8')).trimEnd().split('\n');
  const { directory, engine, close } = await openCopy(t, 'v2/store', 2);
  const sources = [3, 4, 5, 4_000_000_000];
  t.equal(digestOf(await plainRows(engine, sources)), want);
  t.same(await figuresOf(nodeDisk, join(directory, 'segments')), figures);
  await engine.flush();
  t.equal(digestOf(await plainRows(engine, sources)), want);
  await close();
  t.same((await verifyEngine(nodeDisk, directory)).damages, []);
});

t.test('version 2: a log of then has its points and their marks, once each', async t => {
  const want = (await readFile(join(golden, 'v2/marked/rows.sha256'), 'utf8')).trim();
  const wantMarks = JSON.parse(await readFile(join(golden, 'v2/marked/marks.json'), 'utf8'));
  const all: [sequence: number, text: string][] = [];
  const keeper = {
    sealedThrough: 0 as Sequence,
    apply: (mark: Uint8Array, sequence: Sequence) => {
      all.push([sequence, Buffer.from(mark).toString()]);
    },
  };
  const { engine, close } = await openCopy(t, 'v2/marked', 1, keeper);
  t.equal(digestOf(await plainRows(engine, [3, 4])), want);
  t.same(all, wantMarks);
  await close();
  all.length = 0;
  keeper.sealedThrough = wantMarks[5][0];
  const again = await openCopy(t, 'v2/marked', 1, keeper);
  t.equal(digestOf(await plainRows(again.engine, [3, 4])), want);
  t.same(all, wantMarks.slice(6), 'those that are sealed are not told of again');
  await again.close();
});
