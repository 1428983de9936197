import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import {
  type Config,
  ConfigError,
  configurationTable,
  readConfig,
  SETTING_NAMES,
  SETTINGS,
} from '../../server/config.js';
import { projectRoot } from '../support/root.js';

const MIB = 1024 * 1024;
const ADMIN_KEY = `dakkio_a_${'a1'.repeat(20)}`;

t.test('defaults', async t => {
  t.same(readConfig({}, {}), {
    host: '127.0.0.1',
    port: 8080,
    dataDirectory: './data',
    adminKey: undefined,
    logLevel: 'info',
    bodyBytesMax: 16 * MIB,
    columnBytesMax: 64 * MIB,
    batchPointsMax: 1_000,
    headBytesMax: 32 * MIB,
    headAgeMaxMs: 600_000,
    inflightBodyBytesMax: 256 * MIB,
    queryThreads: Math.max(1, availableParallelism() - 1),
    queryTimeMaxMs: 30_000,
    queryPointsMax: 1_000_000_000,
    webhookAllowPrivate: false,
    corsOrigins: '*',
    plan: 'enterprise',
    burstMax: 0,
  } satisfies Config);
});

t.test('flags before environment before defaults', async t => {
  const environment = { DAKKIO_PORT: '1', DAKKIO_HOST: '::1', DAKKIO_LOG_LEVEL: '' };
  const config = readConfig({ port: '2' }, environment);
  t.equal(config.port, 2);
  t.equal(config.host, '::1');
  t.equal(config.logLevel, 'info', 'an empty variable is not set');
  t.throws(() => readConfig({ logLevel: '' }, {}), ConfigError, 'an empty flag is a mistake');
});

t.test('values', async t => {
  const cases: [name: keyof Config, text: string, want: unknown][] = [
    ['host', '0.0.0.0', '0.0.0.0'],
    ['plan', 'free', 'free'],
    ['plan', 'Pro', undefined],
    ['plan', 'toString', undefined],
    ['burstMax', '50', 50],
    ['burstMax', '1000001', undefined],
    ['host', 'example.org', 'example.org'],
    ['host', 'fe80::1', 'fe80::1'],
    ['host', 'http://a', undefined],
    ['host', '127.0.0.1/8', undefined],
    ['port', '0', 0],
    ['port', '65535', 65_535],
    ['port', '65536', undefined],
    ['port', '-1', undefined],
    ['port', '80.5', undefined],
    ['port', '0x50', undefined],
    ['port', 'http', undefined],
    ['dataDirectory', '/srv/data', '/srv/data'],
    ['adminKey', ADMIN_KEY, ADMIN_KEY],
    ['logLevel', 'silent', 'silent'],
    ['logLevel', 'loud', undefined],
    ['bodyBytesMax', '2097152', 2 * MIB],
    ['bodyBytesMax', '1.5 MiB', 1.5 * MIB],
    ['bodyBytesMax', '2mb', 2_000_000],
    ['bodyBytesMax', '10KB', 10_000],
    ['bodyBytesMax', '8KiB', 8_192],
    ['bodyBytesMax', '100B', undefined],
    ['bodyBytesMax', '2GiB', undefined],
    ['bodyBytesMax', '16M', undefined],
    ['bodyBytesMax', '-16MiB', undefined],
    ['batchPointsMax', '50000', 50_000],
    ['batchPointsMax', '0', undefined],
    ['headBytesMax', '1GiB', 1024 * MIB],
    ['headAgeMaxMs', '90s', 90_000],
    ['headAgeMaxMs', '1500ms', 1_500],
    ['headAgeMaxMs', '1.5h', 5_400_000],
    ['headAgeMaxMs', '1d', 86_400_000],
    ['headAgeMaxMs', '600', undefined],
    ['headAgeMaxMs', '10 minutes', undefined],
    ['inflightBodyBytesMax', '16MiB', 16 * MIB],
    ['inflightBodyBytesMax', '15MiB', undefined],
    ['queryThreads', '0', 0],
    ['queryThreads', '257', undefined],
    ['queryThreads', 'many', undefined],
    ['queryTimeMaxMs', '1.5s', 1_500],
    ['queryTimeMaxMs', '99ms', undefined],
    ['queryTimeMaxMs', '2h', undefined],
    ['queryPointsMax', '0', 0],
    ['queryPointsMax', '1e9', undefined],
    ['webhookAllowPrivate', 'true', true],
    ['webhookAllowPrivate', 'false', false],
    ['webhookAllowPrivate', '10.0.0.0/8, fd00::/8', ['10.0.0.0/8', 'fd00::/8']],
    ['webhookAllowPrivate', '::1', ['::1']],
    ['webhookAllowPrivate', '127.0.0.1/33', undefined],
    ['webhookAllowPrivate', '::1/129', undefined],
    ['webhookAllowPrivate', '10.0.0.0/8,', undefined],
    ['webhookAllowPrivate', '10.0.0/8', undefined],
    ['webhookAllowPrivate', 'localhost', undefined],
    ['webhookAllowPrivate', 'TRUE', undefined],
  ];
  for (const [name, text, want] of cases) {
    const environment = { [SETTINGS[name].variable]: text };
    if (want !== undefined) t.strictSame(readConfig({}, environment)[name], want, `${name} ${text}`);
    else t.throws(() => readConfig({}, environment), ConfigError, `${name} ${text}`);
  }
});

t.test('a wrong value is told with its name, itself and what would do', async t => {
  t.throws(() => readConfig({}, { DAKKIO_PORT: '99999' }), {
    message: 'DAKKIO_PORT is "99999": must be a whole number from 0 to 65535',
  });
  t.throws(() => readConfig({ headAgeMaxMs: 'soon' }, {}), {
    message: '--head-age-max is "soon": must be a duration from 1s to 7d, such as 90s, 10m or 1h',
  });
});

t.test('the Admin key is never echoed', async t => {
  for (const key of [`${ADMIN_KEY}x`, ADMIN_KEY.toUpperCase(), ADMIN_KEY.replace('_a_', '_w_'), 'secret']) {
    try {
      readConfig({}, { DAKKIO_ADMIN_KEY: key });
      t.fail(key);
    } catch (error) {
      const { message } = error as Error;
      t.notOk(message.includes(key), message);
      t.match(message, /^DAKKIO_ADMIN_KEY is not valid: must be dakkio_a_ followed by 40/);
    }
  }
});

t.test('names are unique, and say what they are', async t => {
  const variables = SETTING_NAMES.map(name => SETTINGS[name].variable);
  const flags = SETTING_NAMES.map(name => SETTINGS[name].flag).filter(flag => flag !== undefined);
  t.equal(new Set(variables).size, variables.length);
  t.equal(new Set(flags).size, flags.length);
  for (const variable of variables) t.match(variable, /^DAKKIO_[A-Z_]+$/);
});

t.test('the README has the table as it is', async t => {
  const table = configurationTable();
  t.equal(table.split('\n').length, SETTING_NAMES.length + 2);
  const path = join(projectRoot, 'README.md');
  if (!existsSync(path)) {
    t.comment('skipped: there is no README.md');
    return;
  }
  const readme = readFileSync(path, 'utf8');
  const between = readme.split('<!-- configuration -->')[1]?.split('<!-- /configuration -->')[0];
  t.equal(between?.trim(), table);
});
