/** Every setting of the server, in one table: flags, environment, help and documentation are made of it. */
import { availableParallelism } from 'node:os';
import { HEAD_AGE_MAX_MS, HEAD_BYTES_MAX } from '../engine/limits.js';
import type { Plan } from './catalog/model.js';
import { PLAN_NAMES } from './catalog/plans.js';
import type { AllowedOrigins } from './http/cors.js';
import { ALLOW_PRIVATE_VARIABLE, type AllowedAddresses } from './webhooks/addresses.js';
import { isRange } from './webhooks/ranges.js';

const MIB = 1024 * 1024;

export interface Setting<Value> {
  /** Without the dashes. None for secrets: every user of a machine can read the command lines of all. */
  readonly flag?: string;
  readonly variable: string;
  /** As a user would write it; undefined where there is none. */
  readonly fallback: string | undefined;
  readonly placeholder: string;
  readonly help: string;
  /** What a value must be, to follow "must be". */
  readonly expects: string;
  /** The value, or undefined where the text is none. */
  readonly read: (text: string) => Value | undefined;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Where a setting has no fallback its value may be undefined. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly adminKey: string | undefined;
  readonly logLevel: LogLevel;
  readonly bodyBytesMax: number;
  readonly columnBytesMax: number;
  readonly batchPointsMax: number;
  readonly headBytesMax: number;
  readonly headAgeMaxMs: number;
  readonly inflightBodyBytesMax: number;
  readonly queryThreads: number;
  readonly queryTimeMaxMs: number;
  readonly queryPointsMax: number;
  readonly webhookAllowPrivate: AllowedAddresses;
  readonly corsOrigins: AllowedOrigins;
  readonly plan: Plan;
  readonly burstMax: number;
}

export const SETTINGS: { readonly [Name in keyof Config]: Setting<NonNullable<Config[Name]>> } = {
  host: {
    flag: 'host',
    variable: 'DAKKIO_HOST',
    fallback: '127.0.0.1',
    placeholder: 'address',
    help: 'Address to listen on; 0.0.0.0 or :: for all of the machine',
    expects: 'an IP address or a host name, without a port',
    read: text => (/^[\w.-]+$|^[0-9a-fA-F:.]+$/.test(text) ? text : undefined),
  },
  port: {
    flag: 'port',
    variable: 'DAKKIO_PORT',
    fallback: '8080',
    placeholder: 'number',
    help: 'Port to listen on; 0 takes a free one',
    expects: 'a whole number from 0 to 65535',
    read: text => wholeNumber(text, 0, 65_535),
  },
  dataDirectory: {
    flag: 'data-dir',
    variable: 'DAKKIO_DATA_DIR',
    fallback: './data',
    placeholder: 'path',
    help: 'Directory that holds everything stored; made where it is missing',
    expects: 'a path',
    read: text => text,
  },
  adminKey: {
    variable: 'DAKKIO_ADMIN_KEY',
    fallback: undefined,
    placeholder: 'key',
    help: 'An Admin key to accept; without it a new data directory gets one, which is shown once',
    expects: 'dakkio_a_ followed by 40 characters of a-z and 0-9',
    read: text => (/^dakkio_a_[a-z0-9]{40}$/.test(text) ? text : undefined),
  },
  logLevel: {
    flag: 'log-level',
    variable: 'DAKKIO_LOG_LEVEL',
    fallback: 'info',
    placeholder: 'level',
    help: `Least important messages logged: ${LOG_LEVELS.join(', ')}`,
    expects: `one of ${LOG_LEVELS.join(', ')}`,
    read: text => LOG_LEVELS.find(level => level === text),
  },
  bodyBytesMax: {
    flag: 'body-bytes-max',
    variable: 'DAKKIO_BODY_BYTES_MAX',
    fallback: '16MiB',
    placeholder: 'size',
    help: 'Largest body of a request, as sent and inflated',
    expects: 'a size from 1KiB to 1GiB, such as 16MiB',
    read: text => byteSize(text, 1024, 1024 * MIB),
  },
  columnBytesMax: {
    flag: 'column-bytes-max',
    variable: 'DAKKIO_COLUMN_BYTES_MAX',
    fallback: '64MiB',
    placeholder: 'size',
    help: 'Largest body of columns of numbers, or of MessagePack to be ingested',
    expects: 'a size from 1KiB to 1GiB, such as 64MiB',
    read: text => byteSize(text, 1024, 1024 * MIB),
  },
  batchPointsMax: {
    flag: 'batch-points-max',
    variable: 'DAKKIO_BATCH_POINTS_MAX',
    fallback: '1000',
    placeholder: 'count',
    help: 'Most points of a batch',
    expects: 'a whole number from 1 to 1000000',
    read: text => wholeNumber(text, 1, 1_000_000),
  },
  headBytesMax: {
    flag: 'head-bytes-max',
    variable: 'DAKKIO_HEAD_BYTES_MAX',
    fallback: `${HEAD_BYTES_MAX / MIB}MiB`,
    placeholder: 'size',
    help: 'Recent points held in memory before they are written to segments',
    expects: 'a size from 1MiB to 16GiB, such as 32MiB',
    read: text => byteSize(text, MIB, 16 * 1024 * MIB),
  },
  headAgeMaxMs: {
    flag: 'head-age-max',
    variable: 'DAKKIO_HEAD_AGE_MAX',
    fallback: `${HEAD_AGE_MAX_MS / 60_000}m`,
    placeholder: 'duration',
    help: 'Longest time a point stays in memory only by the log',
    expects: 'a duration from 1s to 7d, such as 90s, 10m or 1h',
    read: text => durationMs(text, 1_000, 7 * 86_400_000),
  },
  inflightBodyBytesMax: {
    flag: 'inflight-body-bytes-max',
    variable: 'DAKKIO_INFLIGHT_BODY_BYTES_MAX',
    fallback: '256MiB',
    placeholder: 'size',
    help: 'Bodies of all requests in flight together; beyond it requests are answered with 503',
    expects: 'a size from 1MiB to 64GiB, such as 256MiB',
    read: text => byteSize(text, MIB, 64 * 1024 * MIB),
  },
  queryThreads: {
    flag: 'query-threads',
    variable: 'DAKKIO_QUERY_THREADS',
    fallback: 'auto',
    placeholder: 'count',
    help: 'Threads that answer long queries: one less than there are cores, at least one; with 0 all are answered where points are taken',
    expects: 'auto or a whole number from 0 to 256',
    read: text => (text === 'auto' ? Math.max(1, availableParallelism() - 1) : wholeNumber(text, 0, 256)),
  },
  queryTimeMaxMs: {
    flag: 'query-time-max',
    variable: 'DAKKIO_QUERY_TIME_MAX',
    fallback: '30s',
    placeholder: 'duration',
    help: 'Longest time that a query may take; it is given up and answered with 503 then',
    expects: 'a duration from 100ms to 1h, such as 30s',
    read: text => durationMs(text, 100, 3_600_000),
  },
  queryPointsMax: {
    flag: 'query-points-max',
    variable: 'DAKKIO_QUERY_POINTS_MAX',
    fallback: '1000000000',
    placeholder: 'count',
    help: 'Most points that a query may read; it is answered with 400 beyond; 0 for any number',
    expects: 'a whole number from 0 to 999999999999999',
    read: text => wholeNumber(text, 0, 999_999_999_999_999),
  },
  webhookAllowPrivate: {
    flag: 'webhook-allow-private',
    variable: ALLOW_PRIVATE_VARIABLE,
    fallback: 'false',
    placeholder: 'ranges',
    help: 'Addresses that are not public and get webhooks all the same: false for none, true for all, or some, such as 10.0.0.0/8,::1',
    expects: 'true, false, or ranges such as 10.0.0.0/8,fd00::/8',
    read: addressRanges,
  },
  corsOrigins: {
    flag: 'cors-origins',
    variable: 'DAKKIO_CORS_ORIGINS',
    fallback: '*',
    placeholder: 'origins',
    help: 'Origins whose pages may call from a browser: * for all, none, or several with commas between them',
    expects: '*, none, or origins such as https://example.org,http://localhost:5173',
    read: allowedOrigins,
  },
  plan: {
    flag: 'plan',
    variable: 'DAKKIO_PLAN',
    fallback: 'enterprise',
    placeholder: 'name',
    help: `Plan of the organization, which limits calls a month, buckets, data sources and retention: ${PLAN_NAMES.join(', ')}`,
    expects: `one of ${PLAN_NAMES.join(', ')}`,
    read: text => PLAN_NAMES.find(plan => plan === text),
  },
  burstMax: {
    flag: 'burst-limit',
    variable: 'DAKKIO_BURST_LIMIT',
    fallback: '0',
    placeholder: 'count',
    help: 'Most calls a second with one key; 0 for any number',
    expects: 'a whole number from 0 to 1000000',
    read: text => wholeNumber(text, 0, 1_000_000),
  },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as (keyof Config)[];

/** A setting has a value that cannot be meant. The message names the setting, the value, and what would do. */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  readonly setting: keyof Config;

  constructor(setting: keyof Config, message: string) {
    super(message);
    this.name = 'ConfigError';
    this.setting = setting;
  }
}

/**
 * Settings by flags, then environment, then fallbacks. An empty variable counts as not set.
 * @param flags texts by name of setting.
 * @throws ConfigError
 */
export function readConfig(
  flags: Readonly<Partial<Record<keyof Config, string>>>,
  environment: Readonly<Record<string, string | undefined>>,
): Config {
  const entries = SETTING_NAMES.map(name => [name, readSetting(name, flags[name], environment)]);
  const config = Object.fromEntries(entries) as Config;
  if (config.inflightBodyBytesMax < config.bodyBytesMax) {
    throw new ConfigError(
      'inflightBodyBytesMax',
      `${SETTINGS.inflightBodyBytesMax.variable} is ${config.inflightBodyBytesMax} bytes: ` +
        `must be at least ${SETTINGS.bodyBytesMax.variable}, which is ${config.bodyBytesMax}`,
    );
  }
  return config;
}

function readSetting(
  name: keyof Config,
  given: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  const setting: Setting<unknown> = SETTINGS[name];
  const text = given ?? (environment[setting.variable] || setting.fallback);
  if (text === undefined) return undefined;
  const value = text === '' ? undefined : setting.read(text);
  if (value !== undefined) return value;
  const origin = given === undefined ? setting.variable : `--${setting.flag}`;
  // A secret with a typing error is still nearly the secret: it must not get into a log.
  const shown = setting.flag === undefined ? 'not valid' : JSON.stringify(text);
  throw new ConfigError(name, `${origin} is ${shown}: must be ${setting.expects}`);
}

/** The table of the documentation, in Markdown. */
export function configurationTable(): string {
  const rows = Object.values(SETTINGS).map(({ flag, variable, fallback, help }) => [
    flag === undefined ? '' : `\`--${flag}\``,
    `\`${variable}\``,
    fallback === undefined ? '' : `\`${fallback}\``,
    help,
  ]);
  const head = ['Flag', 'Environment', 'Default', 'Meaning'];
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

function allowedOrigins(text: string): AllowedOrigins | undefined {
  if (text === '*') return '*';
  if (text === 'none') return new Set();
  const origins = text.split(',').map(origin => origin.trim());
  return origins.every(origin => /^https?:\/\/[^\s/?#]+$/.test(origin)) ? new Set(origins) : undefined;
}

function wholeNumber(text: string, min: number, max: number): number | undefined {
  return /^\d{1,15}$/.test(text) ? within(Number(text), min, max) : undefined;
}

function addressRanges(text: string): AllowedAddresses | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  const ranges = text.split(',').map(range => range.trim());
  return ranges.every(isRange) ? ranges : undefined;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: MIB,
  gib: 1024 * MIB,
};

function byteSize(text: string, min: number, max: number): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(text) ?? [];
  return scaled(digits, SIZE_UNITS[unit?.toLowerCase()], min, max);
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function durationMs(text: string, min: number, max: number): number | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]+)$/.exec(text) ?? [];
  return scaled(digits, DURATION_UNITS[unit], min, max);
}

function scaled(
  digits: string | undefined,
  unit: number | undefined,
  min: number,
  max: number,
): number | undefined {
  if (digits === undefined || unit === undefined) return undefined;
  return within(Math.floor(Number(digits) * unit), min, max);
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined;
}
