import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import type { Application, Reply, RequestHead } from '../../../server/http/application.js';
import { type ListenOptions, listen } from '../../../server/http/listen.js';
import { RawClient } from '../../support/http.js';
import { Random, testSeed } from '../../support/random.js';

const BODY_BYTES_MAX = 2 * 1024 * 1024;
const BIG = randomBytes(24 * 1024 * 1024);

/** Answers with what it received, so that a test sees what the transport handed over. */
class Echo implements Application {
  readonly heads: RequestHead[] = [];
  admitted = 0;
  responded = 0;
  /** Requests for /held are answered when this resolves. */
  held: Promise<void> = Promise.resolve();

  admit(head: RequestHead) {
    this.heads.push(head);
    this.admitted++;
    if (head.path === '/refused') return text(401, 'refused');
    if (head.path === '/throws') throw new Error('admit');
    return {
      bodyBytesMax: BODY_BYTES_MAX,
      respond: async (body: Uint8Array): Promise<Reply> => {
        this.responded++;
        if (head.path === '/held') await this.held;
        if (head.path === '/rejects') throw new Error('respond');
        if (head.path === '/splits') return text(200, '', { 'X-Split': 'a\r\nX-Forged: b' });
        if (head.path === '/empty') return { status: 204 };
        if (head.path === '/big') return { status: 200, body: BIG };
        if (head.path === '/head') return text(200, head.header('x-test') + head.query + head.method);
        return text(200, `${body.length} ${sha256(body)}`);
      },
    };
  }

  tooLarge(_head: RequestHead, bodyBytesMax: number): Reply {
    return text(413, `limit ${bodyBytesMax}`);
  }

  unreadable(_head: RequestHead, reason: 'encoding' | 'gzip'): Reply {
    return text(reason === 'encoding' ? 415 : 400, reason);
  }

  overloaded(): Reply {
    return text(503, 'overloaded', { 'Retry-After': '1' });
  }
}

function text(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return { status, body, headers: { 'Content-Type': 'text/plain', ...headers } };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function echoOf(bytes: Uint8Array): string {
  return `${bytes.length} ${sha256(bytes)}`;
}

async function serve(t: Test, options: Partial<ListenOptions> = {}) {
  const application = new Echo();
  const errors: unknown[] = [];
  const listening = await listen(application, {
    host: '127.0.0.1',
    port: 0,
    onError: (error: unknown) => errors.push(error),
    ...options,
  });
  t.teardown(() => listening.close());
  const client = async () => {
    const opened = await RawClient.open(listening.port, options.host);
    t.teardown(() => opened.destroy());
    return opened;
  };
  return { application, errors, listening, client };
}

function post(path: string, body: Uint8Array, headers: Record<string, string> = {}): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: ${body.length}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function chunked(path: string, chunks: readonly Uint8Array[], headers = ''): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n${headers}\r\n`;
  const parts = chunks.flatMap(chunk => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([Buffer.from(head), ...parts, Buffer.from('0\r\n\r\n')]);
}

t.test('bodies arrive whole', async t => {
  const { client } = await serve(t);
  const cases: [name: string, request: Buffer, want: Uint8Array][] = [];
  for (const length of [0, 1, 100, 65_536, 600_000, BODY_BYTES_MAX]) {
    const body = randomBytes(length);
    cases.push([`${length} bytes`, post('/', body), body]);
    if (length > 0) {
      const half = length >> 1;
      const parts = [body.subarray(0, half), body.subarray(half)].filter(part => part.length > 0);
      cases.push([`${length} bytes in chunks`, chunked('/', parts), body]);
    }
    if (length < BODY_BYTES_MAX) {
      cases.push([
        `${length} bytes in gzip`,
        post('/', gzipSync(body), { 'Content-Encoding': 'gzip' }),
        body,
      ]);
    }
  }
  const connection = await client();
  for (const [name, request, want] of cases) {
    connection.send(request);
    const answer = await connection.answer();
    t.equal(answer?.status, 200, name);
    t.equal(answer?.body.toString(), echoOf(want), name);
  }
});

t.test('a body byte by byte', async t => {
  const { client } = await serve(t);
  const body = randomBytes(300);
  for (const request of [post('/', body), chunked('/', [body.subarray(0, 7), body.subarray(7)])]) {
    const connection = await client();
    // The request line goes in one piece: uWebSockets.js answers 505 where its end has not come yet.
    const lineEnd = request.indexOf('\r\n') + 2;
    connection.send(request.subarray(0, lineEnd));
    await connection.sendSlowly(request.subarray(lineEnd));
    t.equal((await connection.answer())?.body.toString(), echoOf(body));
  }
});

t.test('the head is kept for later', async t => {
  const { client, application } = await serve(t);
  const connection = await client();
  connection.send('PATCH /head?a=%20b&c HTTP/1.1\r\nHost: test\r\nX-Test: one\r\nX-TEST: two\r\n\r\n');
  t.equal((await connection.answer())?.body.toString(), 'one, twoa=%20b&cPATCH');
  t.equal(application.heads[0].path, '/head');
  t.equal(application.heads[0].header('x-absent'), '');
});

t.test('long heads, as browsers send to localhost', async t => {
  const { client } = await serve(t);
  const connection = await client();
  connection.send(`GET /head HTTP/1.1\r\nHost: test\r\nX-Test: ${'c'.repeat(12_000)}\r\n\r\n`);
  t.equal((await connection.answer())?.body.length, 12_000 + 'GET'.length);
});

t.test('too large', async t => {
  const { client, application, listening } = await serve(t);
  const zeros = Buffer.alloc(BODY_BYTES_MAX + 1);
  const cases: [name: string, request: Buffer][] = [
    ['declared', post('/', zeros)],
    ['chunked', chunked('/', [zeros.subarray(0, 1_000_000), zeros.subarray(1_000_000)])],
    ['gzip bomb', post('/', gzipSync(Buffer.alloc(200 * 1024 * 1024)), { 'Content-Encoding': 'gzip' })],
  ];
  for (const [name, request] of cases) {
    const connection = await client();
    connection.send(request);
    const answer = await connection.answer();
    t.equal(answer?.status, 413, name);
    t.equal(answer?.body.toString(), `limit ${BODY_BYTES_MAX}`, name);
  }
  t.equal(application.responded, 0, 'the application never sees such a body');

  const connection = await client();
  connection.send('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000000\r\n\r\n');
  t.equal((await connection.answer())?.status, 413, 'answered before any of the body has come');
  await connection.closed();
  t.pass('and the connection is closed');

  const answer = await fetch(`${listening.address}/`, { method: 'POST', body: new Uint8Array(50_000_000) });
  t.equal(answer.status, 413, 'a client in the middle of sending reads the answer');
});

t.test('encodings', async t => {
  const { client } = await serve(t);
  const body = Buffer.from('[1,2,3]');
  const packed = gzipSync(body);
  const broken = Buffer.from(packed);
  broken[broken.length - 6] ^= 1;
  const cases: [encoding: string, body: Buffer, status: number, answer: string][] = [
    ['identity', body, 200, echoOf(body)],
    ['GZIP', packed, 200, echoOf(body)],
    ['x-gzip', packed, 200, echoOf(body)],
    [
      'gzip',
      Buffer.concat([packed, gzipSync('end')]),
      200,
      echoOf(Buffer.concat([body, Buffer.from('end')])),
    ],
    ['gzip', body, 400, 'gzip'],
    ['gzip', packed.subarray(0, -3), 400, 'gzip'],
    ['gzip', broken, 400, 'gzip'],
    ['gzip', Buffer.alloc(0), 400, 'gzip'],
    ['br', packed, 415, 'encoding'],
    ['gzip, gzip', packed, 415, 'encoding'],
    ['deflate', Buffer.alloc(0), 415, 'encoding'],
  ];
  const connection = await client();
  for (const [encoding, sent, status, want] of cases) {
    connection.send(post('/', sent, { 'Content-Encoding': encoding }));
    const answer = await connection.answer();
    t.equal(answer?.status, status, `${encoding}, ${sent.length} bytes`);
    t.equal(answer?.body.toString(), want);
  }
});

t.test(
  'refused by its head: a small body is thrown away, before a big one the connection is closed',
  async t => {
    const { client, application } = await serve(t);
    const connection = await client();
    connection.send(post('/refused', randomBytes(200_000)), post('/', Buffer.from('next')));
    t.equal((await connection.answer())?.status, 401);
    t.equal((await connection.answer())?.body.toString(), echoOf(Buffer.from('next')));

    const big = new Uint8Array(20 * 1024 * 1024);
    for (const path of ['/refused', '/']) {
      const patient = await client();
      patient.socket.pause();
      await new Promise(resolve => patient.socket.write(post(path, big), resolve));
      patient.socket.resume();
      const answer = await patient.answer();
      t.equal(answer?.status, path === '/' ? 413 : 401, 'found by a client that reads after it has sent all');
      patient.send(post('/', Buffer.from('next')));
      t.equal((await patient.answer())?.body.toString(), echoOf(Buffer.from('next')));
    }

    connection.send('POST /refused HTTP/1.1\r\nHost: test\r\nContent-Length: 70000000\r\n\r\n');
    const answer = await connection.answer();
    t.equal(answer?.status, 401);
    t.equal(answer?.headers.get('connection'), 'close');
    await connection.closed();
    t.equal(application.responded, 3);
  },
);

t.test('all bodies together are bounded', async t => {
  const { client, application } = await serve(t, { inflightBodyBytesMax: 1_000_000 });
  let release = () => {};
  application.held = new Promise(resolve => {
    release = resolve;
  });
  const first = await client();
  first.send(post('/held', Buffer.alloc(700_000)));
  while (application.responded === 0) await tick();

  const cases: [name: string, request: Buffer][] = [
    ['declared', post('/', Buffer.alloc(400_000))],
    ['chunked', chunked('/', [Buffer.alloc(200_000), Buffer.alloc(200_000)])],
    ['inflated', post('/', gzipSync(Buffer.alloc(400_000)), { 'Content-Encoding': 'gzip' })],
  ];
  for (const [name, request] of cases) {
    const connection = await client();
    connection.send(request);
    const answer = await connection.answer();
    t.equal(answer?.status, 503, name);
    t.equal(answer?.headers.get('retry-after'), '1', name);
  }
  const small = await client();
  small.send(post('/', Buffer.alloc(250_000)));
  t.equal((await small.answer())?.status, 200, 'what fits is taken');
  small.send(post('/', gzipSync(Buffer.alloc(10)), { 'Content-Encoding': 'gzip' }));
  t.equal((await small.answer())?.status, 200, 'inflated too');

  release();
  t.equal((await first.answer())?.status, 200);
  small.send(post('/', Buffer.alloc(400_000)));
  t.equal((await small.answer())?.status, 200, 'memory given back can be had again');
  small.send(post('/', Buffer.alloc(1_500_000)));
  t.equal((await small.answer())?.status, 200, 'a body alone is taken however small the bound');
});

t.test('large bodies are worked on in turn', async t => {
  const { client, application } = await serve(t, { workingBodyBytesMax: 1_000 });
  let release = () => {};
  application.held = new Promise(resolve => {
    release = resolve;
  });
  const bodies: [path: string, byteCount: number][] = [
    ['/held', 700],
    ['/held', 300],
    ['/', 400],
    ['/', 0],
    ['/', 5_000],
    ['/', 1_000],
  ];
  const clients: RawClient[] = [];
  for (const [path, byteCount] of bodies) {
    clients.push(await client());
    clients.at(-1)!.send(post(path, Buffer.alloc(byteCount)));
    // Head and body come in one piece, and are taken in one turn of the loop.
    while (application.admitted < clients.length) await tick();
  }
  t.equal(
    application.responded,
    3,
    'first come, first served: the small one waits too, but not what has no body',
  );
  clients[2].destroy();
  while (!application.heads[2].signal.aborted) await tick();
  release();
  for (const [index, [, byteCount]] of bodies.entries()) {
    const answer = await clients[index].answer();
    t.equal(answer?.body.toString(), index === 2 ? undefined : echoOf(Buffer.alloc(byteCount)));
  }
  t.equal(application.responded, 5, 'nothing is done for the one that has left');
});

t.test('bodies cut off midway give their memory back', async t => {
  const { client, application } = await serve(t, { inflightBodyBytesMax: 1_000_000 });
  for (let count = 0; count < 10; count++) {
    const connection = await client();
    connection.send(post('/', Buffer.alloc(900_000)).subarray(0, 100_000 + count));
    while (application.admitted <= count) await tick();
    connection.destroy();
    await connection.closed();
    // The server learns of it a moment later.
    while (!(await fits(client))) await tick();
    application.admitted = count + 1;
  }
  t.ok(await fits(client));
});

async function fits(client: () => Promise<RawClient>): Promise<boolean> {
  const connection = await client();
  connection.send(post('/', Buffer.alloc(500_000)));
  const answer = await connection.answer();
  connection.destroy();
  return answer?.status === 200;
}

t.test('a client that leaves aborts the signal, and its answer goes nowhere', async t => {
  const { client, application, errors } = await serve(t);
  let release = () => {};
  application.held = new Promise(resolve => {
    release = resolve;
  });
  const connection = await client();
  connection.send(post('/held', Buffer.from('x')));
  while (application.responded === 0) await tick();
  const { signal } = application.heads[0];
  t.equal(signal.aborted, false);
  connection.destroy();
  await new Promise(resolve => signal.addEventListener('abort', resolve));
  release();
  await tick();
  const late = application.heads[0].signal;
  t.equal(late.aborted, true);
  t.same(errors, []);
  t.ok(await fits(client), 'and the server goes on');
});

t.test('HEAD, and answers without a body', async t => {
  const { client } = await serve(t);
  const connection = await client();
  connection.send('HEAD /head HTTP/1.1\r\nHost: test\r\nX-Test: abc\r\n\r\n');
  const answer = await connection.answer(true);
  t.equal(answer?.status, 200);
  t.equal(answer?.headers.get('content-length'), '7');
  t.equal(answer?.headers.get('content-type'), 'text/plain');
  connection.send('DELETE /empty HTTP/1.1\r\nHost: test\r\n\r\n');
  const empty = await connection.answer();
  t.equal(empty?.status, 204, 'nothing of a body came in between');
  t.equal(empty?.headers.has('content-length'), false);
  connection.send('HEAD /refused HTTP/1.1\r\nHost: test\r\n\r\n');
  t.equal((await connection.answer(true))?.headers.get('content-length'), '7');
});

t.test('big answers, read slowly', async t => {
  const { client, listening } = await serve(t);
  const connection = await client();
  connection.send('GET /big HTTP/1.1\r\nHost: test\r\n\r\n');
  for (let count = 0; count < 20; count++) {
    connection.socket.pause();
    await new Promise(resolve => setTimeout(resolve, 10));
    connection.socket.resume();
    await tick();
  }
  const answer = await connection.answer();
  t.equal(answer?.body.length, BIG.length);
  t.equal(sha256(answer!.body), sha256(BIG));

  const leaver = await client();
  leaver.send('GET /big HTTP/1.1\r\nHost: test\r\n\r\n');
  await new Promise(resolve => leaver.socket.once('data', resolve));
  leaver.destroy();
  t.equal((await fetch(`${listening.address}/x`)).status, 200, 'one that leaves midway does no harm');
});

t.test('requests sent ahead', async t => {
  const { client, application } = await serve(t);
  const refused = 'GET /refused HTTP/1.1\r\nHost: test\r\n\r\n';
  const connection = await client();
  connection.send(refused + refused + refused);
  for (let count = 0; count < 3; count++) t.equal((await connection.answer())?.status, 401);

  let release = () => {};
  application.held = new Promise(resolve => {
    release = resolve;
  });
  connection.send(Buffer.concat([post('/held', Buffer.from('one')), post('/held', Buffer.from('two'))]));
  // They are not queued: the connection is closed, so that no answer is ever taken for another's.
  t.equal(await connection.answer(), undefined);
  release();
  t.equal(application.responded, 1);
});

t.test('an application that breaks its word', async t => {
  const { client, errors } = await serve(t);
  const connection = await client();
  for (const path of ['/throws', '/rejects', '/splits']) {
    connection.send(post(path, Buffer.from('x')));
    const answer = await connection.answer();
    t.equal(answer?.status, 500, path);
    t.match(answer?.body.toString(), /^\{"error":"Internal Server Error"/, path);
    t.equal(answer?.headers.has('x-forged'), false);
  }
  t.equal(errors.length, 3);
});

t.test('a body of two lengths is nobody’s', async t => {
  const { client, application } = await serve(t);
  for (const lengths of [
    ['4', '6'],
    ['6', '4'],
  ]) {
    const connection = await client();
    const head = lengths.map(length => `Content-Length: ${length}\r\n`).join('');
    connection.send(`POST / HTTP/1.1\r\nHost: test\r\n${head}\r\nabcdef`);
    t.equal((await connection.answer())?.status, 400);
    await connection.closed();
  }
  const both = await client();
  both.send(
    'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  t.equal((await both.answer())?.status, 400);
  await both.closed();
  t.equal(application.admitted, 0);
});

t.test('malformed requests do no harm', async t => {
  const { client, errors } = await serve(t);
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const models = [
    post('/', randomBytes(40)),
    chunked('/', [randomBytes(20), randomBytes(20)]),
    Buffer.from('GET /head?x=1 HTTP/1.1\r\nHost: test\r\nX-Test: y\r\n\r\n'),
    Buffer.from('POST / HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\nTransfer-Encoding: gzip\r\n\r\n'),
  ];
  for (let round = 0; round < 50; round++) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const bytes = Buffer.from(random.pick(models));
        const changes = 1 + random.integer(8);
        for (let count = 0; count < changes; count++) {
          bytes[random.integer(bytes.length)] = random.integer(256);
        }
        const connection = await client();
        connection.send(bytes.subarray(0, Math.ceil(random.next() * bytes.length)));
        connection.socket.end();
        const answer = await connection.answer();
        if (answer !== undefined && answer.status >= 500 && answer.status !== 505) {
          t.fail(`${answer.status} for ${JSON.stringify(bytes.toString('latin1'))}`);
        }
        connection.destroy();
      }),
    );
  }
  t.same(errors, []);
  t.ok(await fits(client));
});

t.test('close answers what is in flight, and takes nothing new', async t => {
  const { client, application, listening } = await serve(t);
  let release = () => {};
  application.held = new Promise(resolve => {
    release = resolve;
  });
  const busy = await client();
  const idle = await client();
  busy.send(post('/held', Buffer.from('x')));
  while (application.responded === 0) await tick();
  let isClosed = false;
  const closing = listening.close().then(() => {
    isClosed = true;
  });
  await t.rejects(RawClient.open(listening.port), { code: 'ECONNREFUSED' });
  t.equal(isClosed, false, 'waits for the answer');
  release();
  const answer = await busy.answer();
  t.equal(answer?.status, 200);
  t.equal(answer?.headers.get('connection'), 'close');
  await closing;
  await Promise.all([busy.closed(), idle.closed()]);
  await listening.close();
});

t.test('ports and addresses', async t => {
  const { listening } = await serve(t);
  t.equal(listening.address, `http://127.0.0.1:${listening.port}`);
  const again = (options: object) => listen(new Echo(), { host: '127.0.0.1', port: 0, ...options });
  await t.rejects(again({ port: listening.port }), {
    code: 'EADDRINUSE',
    message: new RegExp(`^Cannot listen on 127\\.0\\.0\\.1:${listening.port}: the port is in use`),
  });
  const other = createServer();
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await t.rejects(again({ port }), { code: 'EADDRINUSE' });
  await new Promise(resolve => other.close(resolve));
  await t.rejects(again({ host: '203.0.113.1' }), { code: 'EADDRNOTAVAIL' });
});

t.test('IPv6', async t => {
  let opened: Awaited<ReturnType<typeof serve>>;
  try {
    opened = await serve(t, { host: '::1' });
  } catch (error) {
    t.match(error, { code: 'EADDRNOTAVAIL' });
    t.comment('skipped: no IPv6 on this machine');
    return;
  }
  t.equal(opened.listening.address, `http://[::1]:${opened.listening.port}`);
  t.equal((await fetch(`${opened.listening.address}/x`)).status, 200);
});

function tick(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 5));
}
