/** The real server, killed in the middle: whoever repeats all he sent finds each stored once. */
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { ADMIN_KEY, ServerProcess } from '../../../bench/server-process.js';
import { runServer } from '../../support/running-server.js';

const POINTS = 20;
const SENDERS = 8;
const BATCHES = 400;

t.test('batches with idempotency keys are stored once, kills notwithstanding', async t => {
  const { server, directory, client } = await runServer(t);
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name: 'home' });
  const { dataSource } = await client.json<{ dataSource: { _id: string } }>(
    'POST',
    `/api/buckets/${bucket._id}/sources`,
    { name: 'bed', schema: { t: 'number' } },
  );
  const bodyOf = (index: number) => {
    const dataPoints = Array.from({ length: POINTS }, (_, point) => ({
      dataSourceId: dataSource._id,
      timestamp: 1_705_276_800_000 + index * POINTS + point,
      values: { t: index + point / POINTS },
    }));
    const text = JSON.stringify({ bucketId: bucket._id, dataPoints });
    return index % 2 === 0 ? Buffer.from(text) : gzipSync(text);
  };
  const answers = new Map<number, string>();
  /** Undefined where the server is gone. */
  const send = async (origin: string, index: number): Promise<boolean | undefined> => {
    try {
      const answer = await fetch(`${origin}/api/data/batch`, {
        method: 'POST',
        body: bodyOf(index),
        headers: {
          'X-API-Key': ADMIN_KEY,
          'Content-Type': 'application/json',
          'Idempotency-Key': `batch-${index}`,
          ...(index % 2 === 1 && { 'Content-Encoding': 'gzip' }),
        },
      });
      const text = await answer.text();
      if (answer.status !== 201) t.fail(`${answer.status} ${text}`);
      if (answers.has(index)) t.equal(text, answers.get(index));
      answers.set(index, text);
      return answer.headers.get('idempotent-replayed') === 'true';
    } catch {
      return undefined;
    }
  };
  let running = server;
  let replayed = 0;
  for (let kill = 0; kill < 2; kill++) {
    // From the beginning each time, as somebody does who knows nothing of what became of it.
    let next = 0;
    let isGone = false;
    const limit = ((kill + 1) * BATCHES) / 3;
    const sender = async () => {
      while (next < limit && !isGone) {
        const was = await send(running.origin, next++);
        if (was === undefined) isGone = true;
        if (was === true) replayed++;
      }
    };
    const senders = Array.from({ length: SENDERS }, sender);
    while (answers.size < limit - BATCHES / 8) await new Promise(resolve => setTimeout(resolve, 1));
    await running.end('SIGKILL');
    await Promise.all(senders);
    running = await ServerProcess.start(directory);
  }
  t.teardown(() => running.end('SIGKILL'));
  const sender = async (from: number) => {
    for (let index = from; index < BATCHES; index += SENDERS) {
      if ((await send(running.origin, index)) === true) replayed++;
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, (_, from) => sender(from)));
  t.equal(answers.size, BATCHES);
  t.ok(replayed > BATCHES / 4, `${replayed} repeats were answered from memory`);
  const found = await fetch(`${running.origin}/api/buckets/${bucket._id}/sources/${dataSource._id}`, {
    headers: { 'X-API-Key': ADMIN_KEY },
  });
  const { dataSource: source } = (await found.json()) as {
    dataSource: { stats: { dataPointCount: number } };
  };
  t.equal(source.stats.dataPointCount, BATCHES * POINTS);
});
