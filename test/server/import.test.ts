import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runImport } from '../../server/import.js';
import { API_KEY, BUCKET_ID, FakeApi, SOURCE_ID } from '../support/fake-api.js';
import { NodeProcess } from '../support/process.js';

const realFetch = globalThis.fetch;

interface Setup {
  readonly api: FakeApi;
  readonly run: (csv: string, ...more: string[]) => NodeProcess['ended'];
}

async function setup(t: Test): Promise<Setup> {
  const api = new FakeApi();
  const url = await api.open();
  t.teardown(() => api.close());
  const directory = t.testdir();
  let count = 0;
  return {
    api,
    run: (csv, ...more) => {
      const file = join(directory, `${count++}.csv`);
      writeFileSync(file, csv);
      return importFile(file, url, ...more);
    },
  };
}

function importFile(file: string, url: string, ...more: string[]): NodeProcess['ended'] {
  const commandLine = ['import', file, '--url', url, '--bucket', BUCKET_ID, '--source', SOURCE_ID, ...more];
  return new NodeProcess('test/support/command-line.js', commandLine, { DAKKIO_API_KEY: API_KEY }).ended;
}

function rowsOf(count: number): string {
  const start = Date.UTC(2024, 0, 1);
  const rows = Array.from({ length: count }, (_, index) => `${start + index * 1_000},${index}\n`);
  return `timestamp,t\n${rows.join('')}`;
}

t.test('values and times', async t => {
  const { api, run } = await setup(t);
  const csv = [
    '\uFEFFwhen,t,label,on,first number,first text,first flag,"quoted, ""name"""',
    '2024-01-15T10:30:00Z,1.50,7,true,-1e3,007,FALSE,"a, ""b""\nc"',
    '2024-01-15 10:30:00.25,,,,,,,x',
    '2024-01-15 10:30,+2,x,false,3,12,true,',
    '2024-01-15T10:30:00+0200, 007 ,,,4,,,',
    '1705314600000,.5,,,4,,,',
    '',
  ].join('\r\n');
  const { status, stdout, stderr } = await run(csv, '--timestamp-column', 'when');
  t.equal(stderr, '');
  t.equal(status, 0);
  t.equal(stdout, 'Sent 5 rows to kitchen, refused 0\n');
  t.same(
    api.stored.map(({ timestamp, values }) => [timestamp, values]),
    [
      [
        '2024-01-15T10:30:00Z',
        {
          t: 1.5,
          label: '7',
          on: true,
          'first number': -1_000,
          'first text': '007',
          'first flag': false,
          'quoted, "name"': 'a, "b"\nc',
        },
      ],
      ['2024-01-15T10:30:00.25Z', { 'quoted, "name"': 'x' }],
      [
        '2024-01-15T10:30:00Z',
        { t: 2, label: 'x', on: false, 'first number': 3, 'first text': '12', 'first flag': true },
      ],
      ['2024-01-15T10:30:00+02:00', { t: 7, 'first number': 4 }],
      [1_705_314_600_000, { t: 0.5, 'first number': 4 }],
    ],
  );
  t.equal(api.stored[0].dataSourceId, SOURCE_ID);
});

t.test('batches of a thousand, two in flight, each row once', async t => {
  const { api, run } = await setup(t);
  api.heldUntilInFlight = 2;
  const { status, stdout } = await run(rowsOf(10_500));
  t.equal(status, 0);
  t.equal(stdout, 'Sent 10500 rows to kitchen, refused 0\n');
  t.equal(api.batchCount, 11);
  t.equal(api.inFlightMax, 2);
  const seen = api.stored.map(({ values }) => values.t as number).sort((a, b) => a - b);
  t.same(
    seen,
    Array.from({ length: 10_500 }, (_, index) => index),
  );
});

t.test('refused rows are told by line, and all others stored', async t => {
  const { api, run } = await setup(t);
  const lines = rowsOf(2_000).trimEnd().split('\n');
  const wrong = Array.from({ length: 250 }, (_, index) => 5 + index * 3);
  for (const line of wrong) lines[line - 1] = lines[line - 1].replace(/,.*/, ',warm');
  lines[999] = 'yesterday,1';
  lines[1_499] = '1704067200000,';
  lines[1_599] = '1704067200000,1,2';
  const { status, stdout, stderr } = await run(lines.join('\n'));
  t.equal(status, 1);
  t.equal(stdout, 'Sent 1747 rows to kitchen, refused 253\n');
  t.equal(api.stored.length, 1_747);
  const told = stderr.trimEnd().split('\n');
  t.equal(told.pop(), 'dakkio: 253 rows were refused');
  t.same(
    told.sort(),
    [
      ...wrong.map(line => `line ${line}: values.t: Expected number`),
      'line 1000: timestamp: Invalid timestamp',
      'line 1500: no values',
      'line 1600: 3 cells where the header has 2',
    ].sort(),
  );
});

t.test('names of bucket and source', async t => {
  const { api, run } = await setup(t);
  const { status } = await run(rowsOf(3), '--bucket', 'home', '--source', 'kitchen');
  t.equal(status, 0);
  t.equal(api.stored.length, 3);
  const [bucket, source] = await Promise.all([
    run(rowsOf(3), '--bucket', 'nowhere'),
    run(rowsOf(3), '--source', 'nowhere'),
  ]);
  t.equal(bucket.stderr, 'dakkio: There is no bucket "nowhere"\n');
  t.equal(source.stderr, 'dakkio: There is no data source "nowhere" in this bucket\n');
});

t.test('a busy server is asked again, with the same idempotency key', async t => {
  const { api, run } = await setup(t);
  api.script = ['503', '503'];
  const { status } = await run(rowsOf(10));
  t.equal(status, 0);
  t.equal(api.stored.length, 10);
  t.equal(api.idempotencyKeys.length, 3);
  t.equal(new Set(api.idempotencyKeys).size, 1);
});

t.test('a body larger than the server takes is sent in halves', async t => {
  const { api, run } = await setup(t);
  api.pointsMax = 300;
  const { status } = await run(rowsOf(2_500));
  t.equal(status, 0);
  t.equal(api.stored.length, 2_500);
});

t.test('what is uncertain is not sent again', async t => {
  for (const step of ['drop', 'store and drop'] as const) {
    const { api, run } = await setup(t);
    api.script = [step];
    const { status, stderr } = await run(rowsOf(10));
    t.equal(status, 1);
    t.match(
      stderr,
      /^dakkio: The connection was lost .* not known whether lines 2 to 11 were stored.*\(0 rows were/,
    );
    t.equal(api.batchCount, 1, step);
  }
});

t.test('what cannot get better ends at once', async t => {
  const cases: [
    name: string,
    script: FakeApi['script'],
    csv: string | Buffer,
    more: string[],
    want: RegExp,
  ][] = [
    ['key', [], rowsOf(1), ['--key', 'other'], /answered 401: Invalid or missing API key/],
    ['month', ['429 for a month'], rowsOf(1), [], /answered 429: Rate limit exceeded/],
    ['500', ['500'], rowsOf(1), [], /answered 500: Something went wrong/],
    ['empty', [], '', [], /The file is empty/],
    ['column', [], 'a,b\n1,2\n', [], /no column "timestamp"; the header has a, b/],
    ['twice', [], 'timestamp,b,b\n1,2,3\n', [], /the column "b" twice/],
    ['quotes', [], 'timestamp,b\n1,"2\n3,4\n', [], /Quote Not Closed/],
    ['latin1', [], Buffer.from('timestamp,b\n1,caf\xe9\n', 'latin1'), [], /The file is not in UTF-8/],
    ['cut', [], Buffer.from('timestamp,b\n1,\u{1f321}').subarray(0, -1), [], /The file is not in UTF-8/],
  ];
  const directory = t.testdir(Object.fromEntries(cases.map(([name, , csv]) => [`${name}.csv`, csv])));
  await Promise.all(
    [...cases, ['missing', [], '', [], /no such file/] as const].map(async ([name, script, , more, want]) => {
      const api = new FakeApi();
      const url = await api.open();
      t.teardown(() => api.close());
      api.script = [...script];
      const { status, stderr } = await importFile(join(directory, `${name}.csv`), url, ...more);
      t.equal(status, 1, name);
      t.match(stderr, want, name);
      t.match(stderr, /^dakkio: [^\n]+\n$/, name);
      t.equal(api.stored.length, 0);
    }),
  );
});

t.test('a server that is not there yet is waited for', async t => {
  const probe = createServer();
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise(resolve => probe.close(resolve));
  const api = new FakeApi();
  t.teardown(() => api.close());
  let attempts = 0;
  t.intercept(globalThis, 'fetch', {
    value: async (...request: Parameters<typeof fetch>) => {
      attempts++;
      // It starts between the second attempt and the third.
      if (attempts === 3) await api.open(port);
      return realFetch(...request);
    },
  });
  const stderr = t.capture(process.stderr, 'write');
  const report = await runImport({
    file: join(t.testdir({ 'a.csv': rowsOf(5) }), 'a.csv'),
    bucket: BUCKET_ID,
    source: SOURCE_ID,
    url: `http://127.0.0.1:${port}`,
    key: API_KEY,
    timestampColumn: 'timestamp',
    backoffMsMin: 1,
  });
  t.same(report, { sent: 5, refused: 0 });
  t.same(
    stderr().map(({ args }) => args[0]),
    [`Cannot reach http://127.0.0.1:${port}: nothing answers there; trying again\n`],
    'it says once what it waits for',
  );
  t.equal(attempts, 4, 'two in vain, one for the source, one for the rows');
  t.equal(api.stored.length, 5);
});
