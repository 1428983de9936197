import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Engine } from '../../engine/engine.js';
import { verifyEngine } from '../../engine/verify.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { projectRoot } from '../support/root.js';
import { plainRows } from '../support/rows.js';

const golden = join(projectRoot, 'test/golden/v1/store');

t.test('version 1: a data directory of then holds now what it held', async t => {
  const want = JSON.parse(await readFile(join(golden, 'rows.json'), 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'dakkio-golden-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await cp(join(golden, 'data'), directory, { recursive: true });

  const verdict = await verifyEngine(nodeDisk, directory);
  t.same(verdict.damages, []);
  t.equal(verdict.segments.length, 2);
  const engine = await Engine.open({ disk: nodeDisk, directory });
  const log = await Log.open({
    disk: nodeDisk,
    directory: join(directory, 'wal'),
    participants: [engine.participant],
  });
  engine.start(log);
  t.same(await plainRows(engine, [3, 9, 4_000_000_000]), want);
  t.equal(engine.stats(3).rowCount, 1_170);
  t.equal(engine.stats(9).rowCount, 0);
  // Opened by this version it becomes this version's, in a real worker, and still holds the same.
  await engine.flush();
  t.same(await plainRows(engine, [3, 9, 4_000_000_000]), want);
  await engine.close();
  await log.close();
});
