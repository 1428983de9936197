import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../engine/base/time.js';
import { Catalog } from '../../server/catalog/catalog.js';
import { SETTING_NAMES, SETTINGS } from '../../server/config.js';
import { lockDirectory } from '../../server/lock.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import type { Sequence } from '../../wal/records.js';
import { NodeProcess } from '../support/process.js';
import { projectRoot } from '../support/root.js';

function dakkio(commandLine: readonly string[], environment: Record<string, string> = {}) {
  return new NodeProcess('test/support/command-line.js', commandLine, environment).ended;
}

t.test('help and version', async t => {
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
  t.same(await dakkio(['--version']), { status: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  const { stdout: overview, status } = await dakkio(['--help']);
  t.equal(status, 0);
  for (const command of ['serve', 'keys', 'import', 'verify', 'bench']) t.match(overview, `\n  ${command}`);

  const { stdout: help } = await dakkio(['serve', '--help']);
  for (const name of SETTING_NAMES) {
    const { flag, variable } = SETTINGS[name];
    if (flag !== undefined) t.match(help, `--${flag} <`);
    t.match(help, variable);
  }
  t.match(
    (await dakkio(['bench', '--help'])).stdout,
    /^Usage: bench/,
    'answered by the benchmarks themselves',
  );
});

t.test('wrong usage and wrong settings end with 2 and one line', async t => {
  const directory = t.testdir();
  const cases: [commandLine: string[], environment: Record<string, string>, want: RegExp][] = [
    [['serve', '--port', 'http'], {}, /--port is "http": must be a whole number/],
    [['serve'], { DAKKIO_LOG_LEVEL: 'loud' }, /DAKKIO_LOG_LEVEL is "loud": must be one of/],
    [['serve'], { DAKKIO_ADMIN_KEY: 'sesame' }, /DAKKIO_ADMIN_KEY is not valid/],
    [['serve', '--prot', '1'], {}, /unknown option '--prot'/],
    [['serve', 'now'], {}, /too many arguments/],
    [['sevre'], {}, /unknown command 'sevre'/],
    [['import'], {}, /missing required argument 'file'|required option/],
    [['import', 'a.csv', '--bucket', 'a'], {}, /required option '--source/],
    [['import', 'a.csv', '--bucket', 'a', '--source', 'b'], {}, /There is no key: set DAKKIO_API_KEY/],
    [['import', 'a.csv', '--bucket', 'a', '--source', 'b', '--key', 'k', '--url', 'nowhere'], {}, /--url is/],
    [['import', 'a.csv', '--bucket', 'a', '--source', 'b', '--key', 'k', '--url', 'ftp://x'], {}, /--url is/],
    [['import', 'a.csv', '--bucket', 'a', '--source', 'b', '--key', 'k\n'], {}, /The key is not valid/],
    [['keys', 'create', '--type', 'owner'], {}, /Allowed choices are admin, write, read/],
    [['keys', 'create', '--type', 'read', '--data-dir', directory], {}, /needs --bucket/],
    [['keys', 'create', '--bucket', 'x', '--data-dir', directory], {}, /has no --bucket/],
    [['verify'], {}, /missing required argument 'directory'/],
  ];
  await Promise.all(
    cases.map(async ([commandLine, environment, want]) => {
      const { status, stdout, stderr } = await dakkio(commandLine, environment);
      const name = commandLine.join(' ');
      t.equal(status, 2, name);
      t.equal(stdout, '', name);
      t.match(stderr, want, name);
      t.match(stderr, /^dakkio: /, name);
      t.notMatch(stderr, /sesame|\n {4}at /, name);
    }),
  );
});

t.test('keys and verify work on a directory that nobody serves', async t => {
  const directory = t.testdir();
  const at = ['--data-dir', directory];
  const file = join(directory, 'file');
  await writeFile(file, 'text');
  const wrong: [path: string, want: RegExp][] = [
    [directory, /is not a data directory: no server has kept anything in it/],
    [file, /file is not a directory/],
    [join(directory, 'no'), /There is no data directory/],
  ];
  await Promise.all(
    wrong.map(async ([path, want], index) => {
      const command = [['keys', 'list', '--data-dir'], ['verify'], ['keys', 'create', '--data-dir']][index];
      const { status, stdout, stderr } = await dakkio([...command, path]);
      t.equal(status, 1, path);
      t.equal(stdout, '');
      t.match(stderr, /^dakkio: [^\n]+\n$/);
      t.match(stderr, want);
    }),
  );
  t.same(await readdir(directory), ['file'], 'nothing is made where nothing was');

  const bucketId = await makeCatalog(directory);
  const created = await dakkio([
    'keys',
    'create',
    '--type',
    'write',
    '--bucket',
    bucketId,
    '--name',
    'meter',
    ...at,
  ]);
  t.equal(created.status, 0, created.stderr);
  t.match(created.stdout, /^dakkio_w_[a-z0-9]{40}\n$/);
  const named = await dakkio(['keys', 'create', '--name', 'two\nlines\x9b', ...at]);
  t.match(named.stdout, /^dakkio_a_[a-z0-9]{40}\n$/);
  for (const name of ['', 'x'.repeat(101)]) {
    const refused = await dakkio(['keys', 'create', '--name', name, ...at]);
    t.equal(refused.status, 2);
    t.equal(refused.stderr, 'dakkio: --name must have 1 to 100 characters\n');
  }

  const listed = await dakkio(['keys', 'list'], { DAKKIO_DATA_DIR: directory });
  const lines = listed.stdout.trimEnd().split('\n');
  t.equal(lines.length, 3);
  t.match(lines[0], / {2}admin {2}dakkio_a_.*never used +Admin$/);
  t.match(
    lines[1],
    new RegExp(` {2}write {2}${created.stdout.slice(0, 13)}\\.\\.\\. {2}${bucketId} .* meter$`),
  );

  t.match(lines[2], /never used +two\\u000alines\\u009b$/);

  const id = lines[1].slice(0, 24);
  t.equal((await dakkio(['keys', 'revoke', id, ...at])).stdout, `Revoked ${id}\n`);
  t.notMatch((await dakkio(['keys', 'list', ...at])).stdout, 'meter');
  const again = await dakkio(['keys', 'revoke', id, ...at]);
  t.equal(again.status, 1);
  t.equal(again.stderr, `dakkio: There is no API key ${id}\n`);

  const verified = await dakkio(['verify', directory]);
  t.equal(verified.status, 0, verified.stderr);
  t.match(verified.stdout, /log +ok[\s\S]*\nNo damage\n$/);
  await damageLog(directory);
  const damaged = await dakkio(['verify', directory]);
  t.equal(damaged.status, 1);
  t.match(damaged.stdout, /log +DAMAGED/);
  t.match(damaged.stderr, /\ndakkio: .* is damaged in 1 places, named above/);

  const lock = await lockDirectory(directory);
  const locked = await dakkio(['keys', 'list', ...at]);
  t.equal(locked.status, 1);
  t.match(locked.stderr, `is in use by process ${process.pid}`);
  await lock.release();
});

/** A data directory after its first start, with one bucket. */
async function makeCatalog(directory: string): Promise<string> {
  const catalog = await Catalog.open({ disk: nodeDisk, directory, clock: systemClock });
  const untouched = { types: [1, 2] as const, sealedThrough: 0 as Sequence, replay() {} };
  const log = await Log.open({
    disk: nodeDisk,
    directory: join(directory, 'wal'),
    participants: [catalog.participant, untouched],
  });
  catalog.start(log);
  await catalog.bootstrap();
  const { id } = await catalog.createBucket({ name: 'home', description: null, retentionDays: null });
  await log.close();
  return id;
}

/** Flips a bit of the first record of the first file, which has good ones after it. */
async function damageLog(directory: string): Promise<void> {
  const names = (await readdir(join(directory, 'wal'))).sort();
  const path = join(directory, 'wal', names[0]);
  const bytes = await readFile(path);
  bytes[100] ^= 1;
  await writeFile(path, bytes);
}
