import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { SETTING_NAMES, SETTINGS } from '../../server/config.js';
import { lockDirectory } from '../../server/lock.js';
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
  t.match((await dakkio(['bench'])).stderr, /^dakkio: /, 'bench needs what is not shipped with the server');
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
  const directory = t.testdir({ damaged: {} });
  const id = 'a'.repeat(24);
  const at = ['--data-dir', directory];
  const cases: [commandLine: string[], status: number, stdout: RegExp, stderr: RegExp][] = [
    [['keys', 'create', ...at], 0, /"name":"command line","type":"admin"/, /^$/],
    [
      ['keys', 'create', '--type', 'write', '--bucket', id, ...at],
      0,
      /"type":"write","bucketId":"a{24}"/,
      /^$/,
    ],
    [['keys', 'list', ...at], 0, /^a{24} {2}admin {2}dakkio_a_abcd\.\.\. {2}- {23} {2}one\n$/, /^$/],
    [['keys', 'revoke', id, ...at], 0, /^Revoked a{24}\n$/, /^$/],
    [['keys', 'revoke', 'b'.repeat(24), ...at], 1, /^$/, /^dakkio: There is no key b{24}\n$/],
    [['keys', 'list', '--data-dir', join(directory, 'no')], 1, /^$/, /^dakkio: There is no data directory/],
    [['verify', directory], 0, /^3 files, 1000 bytes, no damage\n$/, /^$/],
    [
      ['verify', join(directory, 'damaged')],
      1,
      /^1\.log at byte 17: checksum\n$/,
      /^dakkio: 1 damaged place/,
    ],
  ];
  for (const [commandLine, wantStatus, wantOut, wantErr] of cases) {
    const { status, stdout, stderr } = await dakkio(commandLine);
    t.equal(status, wantStatus, commandLine.join(' '));
    t.match(stdout, wantOut);
    t.match(stderr, wantErr);
  }

  const lock = await lockDirectory(directory);
  const { status, stderr } = await dakkio(['keys', 'list', ...at]);
  t.equal(status, 1);
  t.match(stderr, `is in use by process ${process.pid}`);
  await lock.release();
});
