import t from 'tap';
import { systemClock } from '../../../engine/base/time.js';
import type { Engine } from '../../../engine/engine.js';
import { createKey, listKeys, revokeKey } from '../../../server/catalog/offline.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { plainRows } from '../../support/rows.js';
import { openStore, STORE_DIRECTORY } from '../../support/store-on-disk.js';

const directory = STORE_DIRECTORY;

function append(engine: Engine, time: number) {
  const fields = [{ name: 'v', type: 'number' as const, values: Float64Array.of(time) }];
  return engine.append({ sources: [{ source: 1, timestamps: Float64Array.of(time), fields }] });
}

t.test('keys are made, listed and revoked while no server runs', async t => {
  const disk = new FakeDisk();
  const options = { disk, directory, clock: systemClock };
  await (await openStore(disk)).stop();
  const { apiKey, key } = await createKey(options, { name: 'mine', type: 'admin', bucketId: null });
  t.match(key, /^dakkio_a_[a-z0-9]{40}$/);
  t.same(
    (await listKeys(options)).map(({ apiKey: { name } }) => name),
    ['Admin', 'mine'],
  );
  const server = await openStore(disk);
  t.equal(server.catalog.key(apiKey.id)?.name, 'mine');
  await server.stop();
  await revokeKey(options, apiKey.id);
  await t.rejects(revokeKey(options, apiKey.id), { code: 'CATALOG_NOT_FOUND' });
  t.equal((await openStore(disk)).catalog.key(apiKey.id), undefined);
});

t.test('where no server has started there are no keys', async t => {
  const disk = new FakeDisk();
  await disk.makeDirectory(`${directory}/wal`);
  const options = { disk, directory, clock: systemClock };
  const none = { code: 'CATALOG_NOT_FOUND', message: `There is no catalog in ${directory}` };
  await t.rejects(listKeys(options), none);
  await t.rejects(revokeKey(options, 'a'), none);
  await t.rejects(createKey(options, { name: 'mine', type: 'admin', bucketId: null }), none);
});

t.test('points stored after a key was made are not taken for ones that a segment has', async t => {
  const disk = new FakeDisk();
  const first = await openStore(disk);
  for (let time = 0; time < 20; time++) await append(first.engine, time);
  await first.stop();
  // The log is empty now, and the engine has sealed more of it than the catalog.
  await createKey({ disk, directory, clock: systemClock }, { name: 'mine', type: 'admin', bucketId: null });
  const second = await openStore(disk);
  await append(second.engine, 20);
  const third = await openStore(disk.kill());
  t.equal((await plainRows(third.engine, [1])).length, 21);
});

t.test('a lost snapshot is not taken for a new catalog', async t => {
  const disk = new FakeDisk();
  const store = await openStore(disk);
  await append(store.engine, 1);
  await store.stop();
  const stopped = disk.kill();
  await stopped.unlink(`${directory}/catalog.snapshot`);
  const before = stopped.files();
  const code = 'SNAPSHOT_CORRUPT';
  await t.rejects(openStore(stopped), { code, message: /it is missing, but there is data/ });
  await t.rejects(listKeys({ disk: stopped, directory, clock: systemClock }), { code });
  t.strictSame(stopped.files(), before);
});

t.test('keys are made where the log begins behind points that a segment has', async t => {
  const disk = new FakeDisk();
  const first = await openStore(disk);
  for (let time = 0; time < 20; time++) await append(first.engine, time);
  await first.engine.flush();
  await append(first.engine, 20);
  const killed = disk.kill();
  await createKey(
    { disk: killed, directory, clock: systemClock },
    { name: 'mine', type: 'admin', bucketId: null },
  );
  const second = await openStore(killed);
  t.equal((await plainRows(second.engine, [1])).length, 21);
  t.equal(second.catalog.allKeys().length, 2);
});
