/** Catalogs that earlier versions wrote are read as they were meant. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Catalog } from '../../../server/catalog/catalog.js';
import { nodeDisk } from '../../../wal/disk.js';
import { Log } from '../../../wal/log.js';
import { projectRoot } from '../../support/root.js';

const golden = join(projectRoot, 'test/golden/v2/catalog');

t.test('dashboards of a snapshot and of the log after it', async t => {
  const { bucketId, dashboards } = JSON.parse(await readFile(join(golden, 'dashboards.json'), 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'dakkio-golden-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await cp(join(golden, 'data'), directory, { recursive: true });
  const catalog = await Catalog.open({ disk: nodeDisk, directory, clock: { now: Date.now } });
  const log = await Log.open({
    disk: nodeDisk,
    directory: join(directory, 'wal'),
    participants: [catalog.participant],
  });
  catalog.start(log);
  t.strictSame(catalog.dashboards(bucketId), dashboards);
  t.equal(dashboards.length, 2);
  t.equal(catalog.bucketCount, 1);
  t.equal(catalog.ruleCount(bucketId), 1);
  await log.close();
});
