/** The server as users start it, killed in the middle of everything that a rule can be in the middle of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { Client } from '../../../bench/client.js';
import { ADMIN_KEY, ServerProcess } from '../../../bench/server-process.js';

// biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
type Body = any;

t.test('after kill -9 a duration, a cooldown and a wait for points go on where they were', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-test-'));
  let server = await ServerProcess.start(directory);
  let client = new Client(server.origin, ADMIN_KEY, 1);
  t.teardown(async () => {
    client.close();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const kill = async () => {
    client.close();
    await server.end('SIGKILL');
    server = await ServerProcess.start(directory);
    client = new Client(server.origin, ADMIN_KEY, 1);
  };
  const post = (path: string, body: object) => client.json<Body>('POST', path, body);
  const { bucket } = await post('/api/buckets', { name: 'home' });
  const bucketId = bucket._id;
  const path = `/api/buckets/${bucketId}/sources`;
  const newSource = async (name: string) =>
    (await post(path, { name, schema: { temperature: 'number' } })).dataSource._id;
  const [attic, cellar] = [await newSource('attic'), await newSource('cellar')];
  const newRule = async (dataSourceId: string, condition: string, cooldownMinutes = 60) => {
    const rule = { bucketId, dataSourceId, name: condition, condition, cooldownMinutes };
    return (await post('/api/alerts', rule)).alertRule._id;
  };
  const rules = `/api/buckets/${bucketId}/alerts`;
  const stateOf = async (id: string) => (await client.json<Body>('GET', `${rules}/${id}`)).alertRule.state;
  const historyOf = async (id: string) => (await client.json<Body>('GET', `${rules}/${id}/history`)).history;
  const untilIs = async (id: string, state: string) => {
    while ((await stateOf(id)) !== state) await setTimeout(20);
  };
  const begun = Date.now();
  const send = (seconds: number, temperature: number) =>
    post('/api/data', {
      bucketId,
      dataSourceId: attic,
      timestamp: begun + seconds * 1_000,
      values: { temperature },
    });
  const lasting = await newRule(attic, 'temperature > 30 for 5 minutes');
  const cooling = await newRule(attic, 'temperature > 30');
  const average = await newRule(attic, 'average temperature over 10 minutes exceeds 35');
  const silent = await newRule(cellar, 'No data received for 2 seconds', 0);

  await send(0, 40);
  await send(1, 20);
  await send(2, 40);
  t.equal(await stateOf(lasting), 'pending');
  t.equal(await stateOf(cooling), 'cooldown');
  t.match(await historyOf(cooling), [{ event: 'alert.triggered' }, { event: 'alert.resolved' }]);
  t.match(await historyOf(average), [{ value: 40 }, { value: 30 }]);
  await kill();
  await send(302, 41);
  await untilIs(lasting, 'firing');
  t.match(await historyOf(lasting), [
    { value: 41, dataPointTimestamp: new Date(begun + 302_000).toISOString().replace('.000Z', 'Z') },
  ]);
  t.equal((await historyOf(cooling)).length, 2, 'it cools down as before');
  t.equal(await stateOf(cooling), 'cooldown');
  t.equal(await stateOf(average), 'cooldown', 'a mean of 35.25, which waits for the cooldown');

  await untilIs(silent, 'no_data');
  await kill();
  t.equal(await stateOf(silent), 'no_data');
  t.equal(await stateOf(lasting), 'firing');
  await post('/api/data', { bucketId, dataSourceId: cellar, values: { temperature: 1 } });
  await untilIs(silent, 'ok');
  t.match(await historyOf(silent), [{ event: 'alert.triggered' }, { event: 'alert.resolved' }]);
  await send(303, 20);
  await untilIs(lasting, 'cooldown');
  t.equal((await historyOf(lasting)).length, 2);
});
