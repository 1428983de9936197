import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../engine/base/time.js';
import { Engine } from '../../../engine/engine.js';
import { Catalog } from '../../../server/catalog/catalog.js';
import { createKey, listKeys, revokeKey } from '../../../server/catalog/offline.js';
import { Log } from '../../../wal/log.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { inlineRunner } from '../../support/inline-runner.js';
import { plainRows } from '../../support/rows.js';

const directory = '/data';

/** Catalog and engine as a server has them. */
async function start(disk: FakeDisk) {
  const catalog = await Catalog.open({ disk, directory, clock: systemClock });
  const engine = await Engine.open({ disk, directory, runner: inlineRunner(disk) });
  const participants = [catalog.participant, engine.participant];
  const log = await Log.open({ disk, directory: join(directory, 'wal'), participants });
  catalog.start(log);
  engine.start(log);
  await catalog.bootstrap();
  return {
    catalog,
    engine,
    async stop() {
      await engine.close();
      await catalog.save();
      await log.close();
    },
  };
}

function append(engine: Engine, time: number) {
  const fields = [{ name: 'v', type: 'number' as const, values: Float64Array.of(time) }];
  return engine.append({ sources: [{ source: 1, timestamps: Float64Array.of(time), fields }] });
}

t.test('keys are made, listed and revoked while no server runs', async t => {
  const disk = new FakeDisk();
  const options = { disk, directory, clock: systemClock };
  await (await start(disk)).stop();
  const { apiKey, key } = await createKey(options, { name: 'mine', type: 'admin', bucketId: null });
  t.match(key, /^dakkio_a_[a-z0-9]{40}$/);
  t.same(
    (await listKeys(options)).map(({ apiKey: { name } }) => name),
    ['Admin', 'mine'],
  );
  const server = await start(disk);
  t.equal(server.catalog.key(apiKey.id)?.name, 'mine');
  await server.stop();
  await revokeKey(options, apiKey.id);
  await t.rejects(revokeKey(options, apiKey.id), { code: 'CATALOG_NOT_FOUND' });
  t.equal((await start(disk)).catalog.key(apiKey.id), undefined);
});

t.test('points stored after a key was made are not taken for ones that a segment has', async t => {
  const disk = new FakeDisk();
  const first = await start(disk);
  for (let time = 0; time < 20; time++) await append(first.engine, time);
  await first.stop();
  // The log is empty now, and the engine has sealed more of it than the catalog.
  await createKey({ disk, directory, clock: systemClock }, { name: 'mine', type: 'admin', bucketId: null });
  const second = await start(disk);
  await append(second.engine, 20);
  const third = await start(disk.kill());
  t.equal((await plainRows(third.engine, [1])).length, 21);
});

t.test('keys are made where the log begins behind points that a segment has', async t => {
  const disk = new FakeDisk();
  const first = await start(disk);
  for (let time = 0; time < 20; time++) await append(first.engine, time);
  await first.engine.flush();
  await append(first.engine, 20);
  const killed = disk.kill();
  await createKey(
    { disk: killed, directory, clock: systemClock },
    { name: 'mine', type: 'admin', bucketId: null },
  );
  const second = await start(killed);
  t.equal((await plainRows(second.engine, [1])).length, 21);
  t.equal(second.catalog.allKeys().length, 2);
});
