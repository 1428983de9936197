/** Many clients, and a disk that does not keep up: memory stays bounded, and everyone gets an answer. */
import t, { type Test } from 'tap';
import { Engine } from '../../../engine/engine.js';
import { Alerts } from '../../../server/alerts/alerts.js';
import { NO_ALERTS } from '../../../server/analytics/alert-figures.js';
import { createApi } from '../../../server/api.js';
import { Catalog } from '../../../server/catalog/catalog.js';
import type { Application, Reply, RequestHead } from '../../../server/http/application.js';
import { type ListenOptions, listen } from '../../../server/http/listen.js';
import { Idempotency } from '../../../server/idempotency/idempotency.js';
import { LiveHub } from '../../../server/live/hub.js';
import { Queries } from '../../../server/query/queries.js';
import { RateLimits } from '../../../server/usage/rate-limits.js';
import { Usage } from '../../../server/usage/usage.js';
import { webhooksOf } from '../../../server/webhooks/rules.js';
import { Webhooks } from '../../../server/webhooks/webhooks.js';
import type { Disk, WritableFile } from '../../../wal/disk.js';
import { Log } from '../../../wal/log.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { RawClient } from '../../support/http.js';
import { inlineRunner } from '../../support/inline-runner.js';

const MEBIBYTE = 1024 * 1024;

/** Answers what waits for the disk when the test says so, and everything else at once. */
class SlowDisk implements Application {
  readonly waiting: ((reply: Reply) => void)[] = [];
  isWell = false;
  admitted = 0;
  responded = 0;

  admit(head: RequestHead) {
    this.admitted++;
    const waitsForDisk = head.method === 'POST';
    return {
      bodyBytesMax: 16 * MEBIBYTE,
      waitsForDisk,
      respond: (body: Uint8Array): Promise<Reply> => {
        this.responded++;
        if (!waitsForDisk || this.isWell) return Promise.resolve(text(200, `${body.length}`));
        return new Promise(resolve => this.waiting.push(() => resolve(text(200, `${body.length}`))));
      },
    };
  }

  /** From now on nothing waits. */
  recover(): void {
    this.isWell = true;
    for (const answer of this.waiting.splice(0)) answer(text(200, ''));
  }

  tooLarge = () => text(413, '');
  unreadable = () => text(415, '');
  overloaded = () => text(503, 'overloaded', { 'Retry-After': '1' });
}

function text(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return { status, body, headers: { 'Content-Type': 'text/plain', ...headers } };
}

async function serve(t: Test, application: Application, options: Partial<ListenOptions> = {}) {
  const onError = (error: unknown) => t.fail('the application has not failed', { error });
  const listening = await listen(application, { host: '127.0.0.1', port: 0, onError, ...options });
  t.teardown(() => listening.close());
  return async () => {
    const opened = await RawClient.open(listening.port);
    t.teardown(() => opened.destroy());
    return opened;
  };
}

function post(path: string, body: Uint8Array, headers: Record<string, string> = {}): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nHost: test\r\n${lines.join('')}Content-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function chunked(body: Uint8Array): Buffer {
  const head = 'POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n';
  const size = `${body.length.toString(16)}\r\n`;
  return Buffer.concat([Buffer.from(head + size), body, Buffer.from('\r\n0\r\n\r\n')]);
}

const GET = 'GET /x HTTP/1.1\r\nHost: test\r\n\r\n';
const tick = () => new Promise(resolve => setTimeout(resolve, 1));

t.test('while bodies wait for the disk, others are not read; read on, they arrive whole', async t => {
  const application = new SlowDisk();
  const open = await serve(t, application, { workingBodyBytesMax: 1_000, waitMaxMs: 60_000 });
  const [working, waiting] = [await open(), await open()];
  working.send(post('/', new Uint8Array(900)));
  while (application.responded < 1) await tick();
  waiting.send(post('/', new Uint8Array(901)));
  while (application.admitted < 2) await tick();

  // More than the buffers of the system hold: the rest waits at the client.
  const big = new Uint8Array(15 * MEBIBYTE);
  const paused = [await open(), await open()];
  let sent = 0;
  for (const [index, client] of paused.entries()) {
    client.socket.write(index === 0 ? post('/', big) : chunked(big), () => sent++);
  }
  while (application.admitted < 4) await tick();
  const reader = await open();
  for (let count = 0; count < 50; count++) {
    reader.send(GET);
    t.equal((await reader.answer())?.status, 200, 'what does not wait for the disk is answered');
  }
  t.equal(application.responded, 51);
  t.equal(sent, 0, 'nobody reads the big ones');

  application.recover();
  t.equal((await working.answer())?.status, 200);
  t.equal((await waiting.answer())?.body.toString(), '901');
  for (const client of paused) {
    t.equal((await client.answer())?.body.toString(), String(big.length));
    client.send(post('/', new Uint8Array(3)));
    t.equal((await client.answer())?.body.toString(), '3', 'the connection goes on');
  }
});

t.test('who has waited too long is told to come again, and what he still sends is thrown away', async t => {
  const application = new SlowDisk();
  const open = await serve(t, application, { workingBodyBytesMax: 1_000, waitMaxMs: 200 });
  const working = await open();
  working.send(post('/', new Uint8Array(900)));
  while (application.responded < 1) await tick();
  const bodies = [post('/', new Uint8Array(500)), post('/', new Uint8Array(15 * MEBIBYTE))];
  const clients = [await open(), await open(), await open()];
  clients[0].send(bodies[0]);
  while (application.admitted < 2) await tick();
  clients[1].send(bodies[1]);
  clients[2].send(chunked(new Uint8Array(4 * MEBIBYTE)));
  for (const client of clients) {
    const answer = await client.answer();
    t.equal(answer?.status, 503);
    t.equal(answer?.headers.get('retry-after'), '1');
  }
  application.recover();
  t.equal((await working.answer())?.status, 200);
  for (const client of clients) {
    client.send(post('/', new Uint8Array(7)));
    t.equal((await client.answer())?.body.toString(), '7', 'the connection goes on');
  }
  t.equal(application.responded, 4, 'the application has not seen what was refused');
});

t.test('with default settings a client that waits is answered before its connection is closed', async t => {
  const application = new SlowDisk();
  const open = await serve(t, application, { workingBodyBytesMax: 1_000 });
  const [working, waiting, paused, left] = [await open(), await open(), await open(), await open()];
  working.send(post('/', new Uint8Array(900)));
  while (application.responded < 1) await tick();
  waiting.send(post('/', new Uint8Array(500)));
  while (application.admitted < 2) await tick();
  for (const client of [paused, left]) client.send(post('/', new Uint8Array(15 * MEBIBYTE)));
  while (application.admitted < 4) await tick();
  left.destroy();
  t.equal((await waiting.answer())?.status, 503);
  t.equal((await paused.answer())?.status, 503);
  application.recover();
  t.equal((await working.answer())?.status, 200);
});

t.test('a burst of clients: bodies held stay bounded, all are answered, and then all goes on', async t => {
  const application = new SlowDisk();
  const open = await serve(t, application, {
    workingBodyBytesMax: 4 * MEBIBYTE,
    inflightBodyBytesMax: 20 * MEBIBYTE,
    waitMaxMs: 500,
  });
  const body = post('/', new Uint8Array(MEBIBYTE));
  const clients = await Promise.all(Array.from({ length: 60 }, open));
  const before = process.memoryUsage().arrayBuffers;
  for (const client of clients) client.socket.write(body);
  const answers = clients.map(client => client.answer());
  let refused = 0;
  for (const answer of answers) void answer.then(given => given?.status === 503 && refused++);
  while (refused < 56) await tick();
  t.equal(application.responded, 4, 'as many as have room are worked on');
  // The clients' own copy of the body is one buffer for all.
  const held = process.memoryUsage().arrayBuffers - before;
  t.ok(held < 40 * MEBIBYTE, `${held} bytes are held`);
  application.recover();
  const statuses = (await Promise.all(answers)).map(answer => answer?.status);
  t.equal(statuses.filter(status => status === 200).length, 4);
  t.equal(statuses.filter(status => status === 503).length, 56);
  for (const client of clients) client.socket.write(body);
  const again = await Promise.all(clients.map(client => client.answer()));
  t.ok(again.filter(answer => answer?.status === 200).length > 4, 'those that fit are taken');
  t.ok(again.every(answer => answer?.status === 200 || answer?.status === 503));
});

/** Holds back every sync of the log while it is not well. */
class StallingDisk {
  readonly disk: Disk;
  isWell = true;
  #waiting: (() => void)[] = [];

  constructor(disk: Disk) {
    const gate = (file: WritableFile): WritableFile => ({
      path: file.path,
      write: (parts, position) => file.write(parts, position),
      datasync: async () => {
        if (!this.isWell) await new Promise<void>(resolve => this.#waiting.push(resolve));
        return file.datasync();
      },
      truncate: size => file.truncate(size),
      close: () => file.close(),
    });
    this.disk = new Proxy(disk, {
      get(target, name) {
        if (name === 'create') return async (path: string) => gate(await target.create(path));
        if (name === 'openForWrite') return async (path: string) => gate(await target.openForWrite(path));
        const value = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  recover(): void {
    this.isWell = true;
    for (const proceed of this.#waiting.splice(0)) proceed();
  }
}

t.test(
  'the store on a disk that stands still: queries go on, and every point answered with 201 is there',
  async t => {
    const stalling = new StallingDisk(new FakeDisk());
    const { disk } = stalling;
    const clock = { now: () => Date.UTC(2024, 0, 15) };
    const catalog = await Catalog.open({ disk, directory: '/data', clock });
    const engine = await Engine.open({ disk, directory: '/data', clock, runner: inlineRunner(disk) });
    const logger = { error: (context: object) => t.fail('no error was to be logged', context) };
    const rules = webhooksOf(catalog);
    const webhooks = await Webhooks.open({ disk, directory: '/data', clock, rules, allowed: false, logger });
    const participants = [catalog.participant, engine.participant, webhooks.participant];
    const log = await Log.open({ disk, directory: '/data/wal', participants });
    catalog.start(log);
    engine.start(log);
    await webhooks.start(log);
    const { adminKey } = await catalog.bootstrap();
    const files = { disk, directory: '/data', clock };
    const usage = await Usage.open({ disk, directory: '/data', clock });
    const application = createApi({
      catalog,
      alerts: await Alerts.open({ ...files, catalog, storage: engine, logger }),
      storage: engine,
      queries: new Queries({ storage: engine, timeMaxMs: 30_000, pointsMax: 0 }),
      clock,
      webhooks,
      usage,
      rateLimits: new RateLimits({ catalog, usage, clock, burstMax: 0 }),
      alertFigures: NO_ALERTS,
      storedBytes: async () => log.bytes,
      idempotency: await Idempotency.open({ disk, directory: '/data', clock }),
      live: new LiveHub({ storage: engine, catalog, clock, position: 0 }),
      limits: { bodyBytesMax: 16 * MEBIBYTE, columnBytesMax: 64 * 1024 * 1024, batchPointsMax: 1000 },
      ready: () => true,
      failure: () => log.failure,
      logger,
    });
    const open = await serve(t, application, { workingBodyBytesMax: 20_000, waitMaxMs: 300 });
    const headers = { 'X-API-Key': adminKey!, 'Content-Type': 'application/json' };
    const call = async (client: RawClient, path: string, body: object) => {
      client.send(post(path, Buffer.from(JSON.stringify(body)), headers));
      const answer = (await client.answer())!;
      return { status: answer.status, body: JSON.parse(answer.body.toString()) };
    };
    const first = await open();
    const { bucket } = (await call(first, '/api/buckets', { name: 'home' })).body;
    const bucketId = bucket._id;
    const { dataSource } = (
      await call(first, `/api/buckets/${bucketId}/sources`, { name: 'bed', schema: { t: 'number' } })
    ).body;
    const countOf = async () => {
      const filters = { startTime: 0, endTime: Date.UTC(2030, 0, 1) };
      const query = { bucketId, filters, aggregation: 'count', groupBy: 'year', limit: 10 };
      const { status, body } = await call(first, '/api/data/query', query);
      t.equal(status, 200, JSON.stringify(body));
      return engine.sources().reduce((total, source) => total + engine.stats(source).rowCount, 0);
    };

    stalling.isWell = false;
    const clients = await Promise.all(Array.from({ length: 40 }, open));
    const send = (client: RawClient, index: number) => {
      const dataPoints = Array.from({ length: 20 }, (_, point) => ({
        dataSourceId: dataSource._id,
        timestamp: index * 1_000 + point,
        values: { t: index + point / 10 },
      }));
      return call(client, '/api/data/batch', { bucketId, dataPoints });
    };
    const sent = clients.map(send);
    let refused = 0;
    for (const answer of sent) void answer.then(({ status }) => status === 503 && refused++);
    while (refused < 25) await tick();
    t.equal(await countOf(), 0, 'nothing is seen before it is durable');
    stalling.recover();
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    const stored = statuses.filter(status => status === 201).length;
    t.ok(stored > 0 && stored <= 15, `${stored} batches had their turn`);
    t.equal(stored + refused, 40, 'everyone has an answer');
    t.equal(await countOf(), stored * 20);
    const again = await Promise.all(clients.map(send));
    t.ok(
      again.every(({ status }) => status === 201),
      'all goes on',
    );
    t.equal(await countOf(), (stored + 40) * 20);
    await engine.close();
    await log.close();
  },
);
