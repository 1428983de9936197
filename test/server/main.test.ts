import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readConfig } from '../../server/config.js';
import { greeting, isEcho } from '../../server/main.js';
import { NodeProcess } from '../support/process.js';

const READY = /ready at (http:\/\/127\.0\.0\.1:\d+)[\s\S]*-d .*\n/;

function serve(t: Test, directory: string, environment: Record<string, string> = {}): NodeProcess {
  const server = new NodeProcess('test/support/command-line.js', ['serve', '--port', '0'], {
    DAKKIO_DATA_DIR: directory,
    ...environment,
  });
  t.teardown(() => server.kill('SIGKILL'));
  return server;
}

async function ready(server: NodeProcess): Promise<string> {
  return (await server.printed(READY))[1];
}

t.test('greets, serves, and ends on a signal', async t => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const directory = join(t.testdir(), signal, 'made');
    const server = serve(t, directory);
    const address = await ready(server);
    t.match(server.stdout, `dakkio is ready at ${address}\nData is kept in ${directory}\n`);
    t.match(server.stdout, /^Your Admin key. It is shown only now, so keep it:\n {2}dakkio_a_test\n\n/);
    t.match(server.stdout, `curl ${address}/api/buckets -H 'X-API-Key: dakkio_a_test'`);
    t.equal(await (await fetch(address)).text(), 'hello');
    server.kill(signal);
    const { status, stdout, stderr } = await server.ended;
    t.equal(status, 0, signal);
    t.match(stdout, /storage closed\n$/);
    const log = stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    t.same(
      log.map(({ msg }) => msg),
      ['composed', 'listening', 'closing', 'closed'],
    );
    t.equal(log[0].key, '[redacted]');
    t.equal(log[0].adminKey, '[redacted]');
  }
});

t.test('answers what is in flight before it ends', async t => {
  const server = serve(t, t.testdir());
  const address = await ready(server);
  const answer = fetch(`${address}/slow`).then(response => response.text());
  await server.printed(/slow begun/);
  server.kill('SIGTERM');
  t.equal(await answer, 'hello');
  t.equal((await server.ended).status, 0);
});

t.test('a second signal ends it at once', async t => {
  const server = serve(t, t.testdir());
  const address = await ready(server);
  const answer = fetch(`${address}/never`).catch(() => 'cut off');
  await server.printed(/never begun/);
  server.kill('SIGTERM');
  while (!server.stderr.includes('closing')) await new Promise(resolve => setTimeout(resolve, 10));
  server.kill('SIGINT');
  const { status, stdout } = await server.ended;
  t.equal(status, 1);
  t.notMatch(stdout, /storage closed/);
  t.equal(await answer, 'cut off');
});

t.test('a signal that comes twice is one', async t => {
  const cases: [second: NodeJS.Signals, at: number, want: boolean][] = [
    ['SIGINT', 5_000, true],
    ['SIGINT', 5_009, true],
    ['SIGINT', 5_999, true],
    ['SIGINT', 6_000, false],
    ['SIGTERM', 5_009, false],
  ];
  for (const [signal, at, want] of cases) {
    t.equal(isEcho({ signal: 'SIGINT', at: 5_000 }, { signal, at }), want, `${signal} at ${at}`);
  }
  const server = serve(t, t.testdir());
  const address = await ready(server);
  const answer = fetch(`${address}/slow`).then(response => response.text());
  await server.printed(/slow begun/);
  server.kill('SIGINT');
  while (!server.stderr.includes('closing')) await new Promise(resolve => setTimeout(resolve, 10));
  server.kill('SIGINT');
  t.equal(await answer, 'hello', 'as npm sends it');
  t.equal((await server.ended).status, 0);
});

t.test('start errors are one line', async t => {
  const other = createServer();
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  const busy = t.testdir({ taken: {}, file: 'text', broken: {} });
  const holder = serve(t, join(busy, 'taken'));
  await ready(holder);

  const cases: [name: string, directory: string, environment: Record<string, string>, want: RegExp][] = [
    [
      'locked',
      'taken',
      {},
      new RegExp(`taken is in use by process ${holder.child.pid}; stop that one first`),
    ],
    ['not a directory', 'file', {}, /Cannot use the data directory .*file/],
    ['corrupt', 'broken', { TEST_COMPOSE_ERROR: 'The log is corrupt\n  at byte 7' }, /corrupt at byte 7$/],
  ];
  for (const [name, directory, environment, want] of cases) {
    const { status, stdout, stderr } = await serve(t, join(busy, directory), environment).ended;
    t.equal(status, 1, name);
    t.equal(stdout, '', name);
    t.match(stderr.trim(), want, name);
    t.match(stderr, /^dakkio: [^\n]+\n$/, name);
  }

  const taken = new NodeProcess('test/support/command-line.js', ['serve', '--port', `${port}`], {
    DAKKIO_DATA_DIR: join(busy, 'free'),
    DAKKIO_LOG_LEVEL: 'silent',
  });
  const { status, stdout, stderr } = await taken.ended;
  t.equal(status, 1);
  t.match(stderr, new RegExp(`^dakkio: Cannot listen on 127.0.0.1:${port}: the port is in use[^\n]+\n$`));
  t.match(stdout, /dakkio_a_test\n/, 'a key that exists is shown, though nothing is served');
  t.match(stdout, /storage closed\n$/, 'what was composed is closed again');
});

t.test('kill −9 leaves nothing in the way of the next start', async t => {
  const directory = t.testdir();
  const server = serve(t, join(directory, 'a'));
  await ready(server);
  server.kill('SIGKILL');
  await server.ended;
  const next = new NodeProcess('test/support/command-line.js', ['serve', '--port', '0'], {
    DAKKIO_DATA_DIR: join(directory, 'a'),
    TEST_COMPOSE_ERROR: 'composing again',
  });
  t.match((await next.ended).stderr, /composing again/);
});

t.test('the greeting', async t => {
  const config = readConfig({ dataDirectory: '/srv/dakkio' }, {});
  t.equal(
    greeting({ address: 'http://0.0.0.0:8080', adminKey: undefined }, config),
    [
      'dakkio is ready at http://127.0.0.1:8080',
      'Data is kept in /srv/dakkio',
      '',
      'Open http://127.0.0.1:8080 in a browser, with the key, or create a bucket here:',
      `  curl http://127.0.0.1:8080/api/buckets -H 'X-API-Key: <your Admin key>' \\`,
      `    -H 'Content-Type: application/json' -d '{"name":"home"}'`,
      '',
    ].join('\n'),
  );
  t.match(greeting({ address: 'http://[::]:1', adminKey: undefined }, config), 'http://[::1]:1');
});
