/** What clients of InfluxDB 1.x ask before they write. Nothing here can be queried: see `/api/data/query`. */
import type { ApiKey } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import type { Reply } from '../http/application.js';
import { INFLUX_1 } from '../http/dialect.js';
import { jsonReply } from '../http/json.js';
import { nameSchema } from '../schemas/common.js';
import { compile, echo } from '../schemas/validate.js';
import { type Call, defineRawRoute, defineRoute, type Route, type Services } from './route.js';

const CREATE_DATABASE = /^create\s+database\s+(?:"((?:[^"\\]|\\.)+)"|([a-z_]\w*))$/i;
const SHOW_DATABASES = /^show\s+databases$/i;

const compiledName = compile(nameSchema());

export const influxRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/ping',
    access: { who: 'anyone' },
    handle: () => ({
      status: 204,
      headers: { 'X-Influxdb-Version': 'dakkio', 'X-Influxdb-Build': 'dakkio' },
    }),
  }),
  ...(['GET', 'POST'] as const).map(method =>
    defineRawRoute({
      method,
      path: '/query',
      access: { who: 'readers' },
      dialect: INFLUX_1,
      handle: call => execute(call, statementOf(call)),
    }),
  ),
];

/** In the query, or in a form. */
function statementOf({ query, body }: Call<Uint8Array>): string {
  const text = query.get('q') ?? new URLSearchParams(Buffer.from(body).toString()).get('q') ?? '';
  return text.trim().replace(/\s*;$/, '');
}

async function execute({ services, key }: Call<Uint8Array>, statement: string): Promise<Reply> {
  if (statement === '')
    throw new ApiError('INVALID_STATEMENT', { message: 'missing required parameter "q"' });
  if (SHOW_DATABASES.test(statement)) return results({ series: [databases(services, key as ApiKey)] });
  const [isCreate, quoted, bare] = CREATE_DATABASE.exec(statement) ?? [];
  if (isCreate === undefined) {
    const message =
      `unsupported statement: ${echo(statement)}: only CREATE DATABASE and SHOW DATABASES are; ` +
      'points are queried with POST /api/data/query';
    throw new ApiError('INVALID_STATEMENT', { message });
  }
  await createDatabase(services, key as ApiKey, quoted?.replace(/\\(.)/g, '$1') ?? bare);
  return results({});
}

function results(result: object): Reply {
  return jsonReply(200, { results: [{ statement_id: 0, ...result }] });
}

/** Names of the buckets that a key may see, each once. */
function databases({ catalog }: Services, { bucketId }: ApiKey): object {
  const all = catalog.buckets({ limit: Number.POSITIVE_INFINITY, offset: 0 });
  const visible = all.filter(({ id }) => bucketId === null || id === bucketId);
  const names = new Set(visible.map(({ name }) => name));
  return { name: 'databases', columns: ['name'], values: Array.from(names, name => [name]) };
}

/** Makes a bucket where there is none of that name, as InfluxDB does. */
async function createDatabase(services: Services, key: ApiKey, name: string): Promise<void> {
  const { catalog } = services;
  if (key.bucketId !== null) {
    if (catalog.bucket(key.bucketId)?.name === name) return;
    throw new ApiError('FORBIDDEN', { message: 'Only Admin keys can create buckets' });
  }
  if (catalog.bucketsNamed(name).length > 0) return;
  const [problem] = compiledName.failures(name, ['query', 'q']);
  if (problem !== undefined) {
    throw new ApiError('INVALID_STATEMENT', { message: `invalid name: ${problem.message}` });
  }
  if (services.failure() !== undefined) throw new ApiError('STORAGE_UNAVAILABLE');
  await catalog.createBucket({ name, description: null, retentionDays: null });
}
