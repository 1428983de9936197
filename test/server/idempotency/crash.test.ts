/** Points and the answer to their request are parted by nothing: whoever repeats all he sent finds each stored once. */
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { packBatch } from '../../../engine/batch.js';
import type { Engine } from '../../../engine/engine.js';
import { verifyEngine } from '../../../engine/verify.js';
import type { ApiKey } from '../../../server/catalog/model.js';
import type { Reply } from '../../../server/http/application.js';
import { Idempotency } from '../../../server/idempotency/idempotency.js';
import { type OpenEngine, openEngine } from '../../support/engine-on-disk.js';
import { CrashedError, type FailureKind, FakeDisk } from '../../support/fake-disk.js';
import { Random, testSeed } from '../../support/random.js';

const SOURCES = 3;
const KEY: ApiKey = {
  id: '0'.repeat(24),
  name: 'test',
  type: 'write',
  bucketId: '1'.repeat(24),
  hash: '',
  keyPrefix: '',
  createdAt: 0,
};

/** A request: its number stands in each of its rows. */
interface Request {
  readonly number: number;
  readonly idempotencyKey: string;
  /** Ordinals of the sources. */
  readonly sources: readonly number[];
}

interface Sent {
  readonly requests: Request[];
  /** By number. */
  readonly answers: Map<number, string>;
}

interface Open extends OpenEngine {
  readonly idempotency: Idempotency;
}

async function open(disk: FakeDisk): Promise<Open> {
  const clock = { now: () => 1_705_276_800_000 };
  disk.put('/data/keep', new Uint8Array(1));
  const idempotency = await Idempotency.open({ disk, directory: '/data', clock });
  const opened = await openEngine(disk, { segmentBytesMax: 4_096, marks: idempotency.keeper });
  return {
    ...opened,
    idempotency,
    async close() {
      await opened.engine.close();
      await idempotency.save();
      await opened.log.close();
    },
  };
}

/** Sends a request as the API does. */
async function send({ engine, idempotency }: Open, sent: Sent, request: Request): Promise<void> {
  const { number, idempotencyKey, sources } = request;
  const reply = await idempotency.once(KEY, idempotencyKey, `request ${number}`, engine, store => {
    const batch = packBatch({
      sources: sources.map(source => ({
        source,
        timestamps: Float64Array.of(number),
        fields: [{ name: 'number', type: 'number', values: Float64Array.of(number) }],
      })),
    });
    return store(batch, firstRows => ({ status: 201, body: `{"rows":[${firstRows}],"number":${number}}` }));
  });
  const known = sent.answers.get(number);
  if (known !== undefined && known !== textOf(reply)) {
    throw new Error(`request ${number} was answered ${known}, and then ${textOf(reply)}`);
  }
  sent.answers.set(number, textOf(reply));
}

function textOf({ body }: Reply): string {
  return body as string;
}

function nextRequest(random: Random, sent: Sent): Request {
  const repeats = sent.requests.length > 0 && random.integer(3) === 0;
  if (repeats) return random.pick(sent.requests);
  const sources = Array.from({ length: SOURCES }, (_, source) => source).filter(
    () => random.integer(2) === 0,
  );
  const number = sent.requests.length + 1;
  const request = { number, idempotencyKey: `key-${number}`, sources: sources.length === 0 ? [0] : sources };
  sent.requests.push(request);
  return request;
}

/** Works until the disk fails for good, or there is nothing left to do; then ends as a service does, as far as it can. */
async function work(disk: FakeDisk, random: Random, sent: Sent): Promise<void> {
  let opened: Open | undefined;
  try {
    opened = await open(disk);
    for (let step = 0; step < 10; step++) {
      const kind = random.integer(8);
      // A flush that the disk refuses is tried again for ever.
      if (kind === 0) await Promise.race([opened.engine.flush(), wait(5)]);
      else if (kind === 1) await opened.log.checkpoint();
      else if (kind === 2) await opened.idempotency.save();
      else {
        const some = Array.from({ length: 1 + random.integer(4) }, () => nextRequest(random, sent));
        await Promise.all(some.map(request => send(opened as Open, sent, request)));
      }
    }
  } catch (error) {
    onlyOfDisk(error);
  }
  if (opened === undefined) return;
  await opened.engine.close().catch(onlyOfDisk);
  await opened.idempotency.save().catch(onlyOfDisk);
  await opened.log.close().catch(onlyOfDisk);
}

function onlyOfDisk(error: unknown): void {
  if (!isOfDisk(error)) throw error;
}

function isOfDisk(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: string };
    if (at instanceof CrashedError || code === 'EIO' || code === 'ENOSPC') return true;
  }
  return (error as { code?: string }).code === 'LOG_UNAVAILABLE';
}

/** How often each row is there, as `source number`. */
async function rowsOf(engine: Engine): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const sources = Array.from({ length: SOURCES }, (_, source) => source);
  const request = { sources, startTime: 0, endTime: 1e6, order: 'asc', metadata: false } as const;
  for await (const { source, fields } of engine.scan(request)) {
    for (const number of fields[0].values) {
      found.set(`${source} ${number}`, (found.get(`${source} ${number}`) ?? 0) + 1);
    }
  }
  return found;
}

/** Repeats all that was sent, on the disk as it was found; says what is wrong then. */
async function repeatAll(disk: FakeDisk, sent: Sent): Promise<string | undefined> {
  const opened = await open(disk);
  const before = await rowsOf(opened.engine);
  const remembered = opened.idempotency.count;
  const there = sent.requests.filter(({ number, sources }) => before.has(`${sources[0]} ${number}`));
  if (there.length !== remembered) return `${there.length} requests are stored, ${remembered} remembered`;
  for (const request of sent.requests) await send(opened, sent, request);
  const rows = await rowsOf(opened.engine);
  const wanted = sent.requests.flatMap(({ number, sources }) => sources.map(source => `${source} ${number}`));
  await opened.close();
  const { damages } = await verifyEngine(disk, '/data');
  if (damages.length > 0) return damages.join();
  for (const row of wanted) if (rows.get(row) !== 1) return `row ${row} is there ${rows.get(row)} times`;
  if (rows.size !== wanted.length) return `${rows.size} rows for ${wanted.length}`;
  return undefined;
}

const seed = testSeed();
t.comment(`seed ${seed}`);

t.test('power cuts at any call: each request is stored once, and answered the same', async t => {
  const random = new Random(seed);
  for (let round = 0; round < 120; round++) {
    const sent: Sent = { requests: [], answers: new Map() };
    let disk = new FakeDisk(random.integer(2 ** 32));
    for (let cut = 0; cut < 2; cut++) {
      disk.crashAt(disk.calls + 1 + random.integer(150));
      await work(disk, random, sent);
      disk = disk.crash();
    }
    const problem = await repeatAll(disk, sent);
    if (problem !== undefined) t.fail(`round ${round} of seed ${seed}: ${problem}`);
  }
  t.pass();
});

t.test('a disk that refuses one call: the same, after a restart', async t => {
  const total = await callsOf();
  for (let call = 1; call <= total; call += 3) {
    for (const kind of ['EIO', 'ENOSPC', 'short'] satisfies FailureKind[]) {
      const sent: Sent = { requests: [], answers: new Map() };
      const disk = new FakeDisk(seed);
      disk.failAt(call, kind);
      await work(disk, new Random(seed), sent);
      const problem = await repeatAll(disk.crash(), sent);
      if (problem !== undefined) t.fail(`${kind} at call ${call} of seed ${seed}: ${problem}`);
    }
  }
  t.pass();
});

async function callsOf(): Promise<number> {
  const disk = new FakeDisk(seed);
  await work(disk, new Random(seed), { requests: [], answers: new Map() });
  return disk.calls;
}
