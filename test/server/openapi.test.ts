/** The document says what the server does: every route is in it, and every answer is of the schema that it has there. */
import { Validator } from '@seriousme/openapi-schema-validator';
import t from 'tap';
import type { Operation } from '../../server/openapi/operation.js';
import { OPERATIONS } from '../../server/openapi/operations.js';
import { compile } from '../../server/schemas/validate.js';
import { newNotification } from '../support/notifications.js';
import { ADMIN_KEY, type Answer, Fixture } from './api/fixture.js';

const fixture = await Fixture.open();
const document = JSON.parse((await fixture.call('GET', '/openapi.json')).text);

interface Documented {
  readonly operationId: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly example?: string;
  }[];
  readonly responses: Readonly<Record<string, object>>;
  readonly requestBody?: object;
}

const documented = new Map<string, Documented>(
  Object.entries<Record<string, Documented>>(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [
      `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      operation,
    ]),
  ),
);

t.test('it is a document of OpenAPI 3.1', async t => {
  const result = await new Validator().validate(structuredClone(document));
  t.ok(result.valid, JSON.stringify(result.errors));
  t.equal(document.openapi, '3.1.0');
  const ids = [...documented.values()].map(({ operationId }) => operationId);
  t.equal(new Set(ids).size, ids.length, 'operations have names of their own');
});

t.test('no route is missing, and none is made up', async t => {
  const routes = fixture.application.routes.map(({ method, path }) => `${method} ${path}`);
  t.same([...documented.keys()].sort(), [...routes].sort());
  t.same(OPERATIONS.map(({ route }) => route).sort(), [...routes].sort());
});

/** Ids that operations along the way have made. */
const made = new Map<string, string>();

function filled<T>(value: T): T {
  const text = JSON.stringify(value).replace(/\{(\w+)\}/g, (whole, name) => made.get(name) ?? whole);
  return JSON.parse(text) as T;
}

function remember({ body }: Answer): void {
  const found = {
    bucketId: body?.bucket?._id,
    keyId: body?.apiKey?._id,
    dataSourceId: body?.dataSource?._id,
    dashboardId: body?.dashboard?._id,
  };
  for (const [name, id] of Object.entries(found)) if (id !== undefined) made.set(name, id);
}

/** A rule and a webhook that was to be sent for it, of the bucket and the source made before. */
async function makeDelivery(): Promise<void> {
  const rule = await fixture.createRule(made.get('bucketId')!, made.get('dataSourceId')!);
  const notification = newNotification(1, rule.id, fixture.now);
  await fixture.webhooks.outbox.put([notification]);
  made.set('alertId', rule.id).set('deliveryId', notification.id);
}

async function call({ route }: Operation, body: object | string | undefined): Promise<Answer> {
  const [method, pattern] = route.split(' ');
  const required = documented.get(route)!.parameters.filter(one => one.in === 'query' && one.required);
  const query = required.map(({ name, example }) => `${name}=${example ?? `{${name}}`}`).join('&');
  const path = pattern.replace(/:(\w+)/g, '{$1}');
  return fixture.call(method, filled(`${path}?${query}`), {
    key: ADMIN_KEY,
    body: body === undefined ? undefined : filled(body),
  });
}

/** What is there is deleted last, the innermost first. */
function inOrder(operations: readonly Operation[]): Operation[] {
  const isDelete = ({ route }: Operation) => route.startsWith('DELETE');
  const depth = ({ route }: Operation) => route.split('/').length;
  // Of one depth the last first: rules are made of sources.
  const deletes = operations
    .filter(isDelete)
    .reverse()
    .sort((left, right) => depth(right) - depth(left));
  return [...operations.filter(operation => !isDelete(operation)), ...deletes];
}

t.test('each operation answers its examples as it says', async t => {
  for (const operation of inOrder(OPERATIONS)) {
    const { route, examples, status, answer: schema, answerType } = operation;
    if (answerType !== undefined) continue;
    if (documented.get(route)!.requestBody !== undefined) {
      t.ok(examples !== undefined, `${route} has an example`);
    }
    if (route.includes(':alertId') && !made.has('deliveryId')) await makeDelivery();
    const bodies: [string, object | string | undefined][] = Object.entries(examples ?? { '': undefined });
    for (const [name, body] of bodies) {
      const answer = await call(operation, body);
      t.equal(answer.status, status, `${route} ${name}: ${answer.text.slice(0, 200)}`);
      if (schema !== undefined) t.same(compile(schema).failures(answer.body, []), [], `${route} ${name}`);
      else t.equal(answer.text, '', route);
      remember(answer);
    }
  }
});

t.test('queries answer in MessagePack where that is asked for', async t => {
  const bucketId = await fixture.createBucket();
  const options = { key: ADMIN_KEY, body: { bucketId }, headers: { accept: 'application/msgpack' } };
  for (const [route, { responses, requestBody }] of documented) {
    if (!JSON.stringify(requestBody ?? {}).includes('application/msgpack')) continue;
    const [method, path] = route.split(' ');
    const { status, headers } = await fixture.call(method, path, options);
    if (status !== 200) continue;
    const { content } = responses[status] as { content: object };
    t.equal(headers['Content-Type'], 'application/msgpack', route);
    t.ok('application/msgpack' in content, route);
  }
});

/** Of the error that a refusal is documented to be. */
function refusalSchema(route: string, status: number) {
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any document
  const response = documented.get(route)!.responses[status] as any;
  return document.components.schemas[response.content['application/json'].schema.$ref.split('/').at(-1)];
}

t.test('refusals are those that it names', async t => {
  for (const operation of OPERATIONS) {
    const { route, answerType, parameters } = operation;
    if (answerType === 'text/plain') continue;
    const [method, path] = route.split(' ');
    const unknown = path.replace(/:\w+/g, 'f'.repeat(24));
    const isList = parameters?.some(({ name }) => name === 'limit');
    const named = parameters?.find(({ name }) => name === 'db' || name === 'bucket')?.name;
    const asks: [string, Promise<Answer>][] = [
      ['without a key', fixture.call(method, unknown)],
      ['of what is not there', fixture.call(method, unknown, { key: ADMIN_KEY, body: {} })],
      ['with an id that is none', fixture.call(method, path, { key: ADMIN_KEY, body: {} })],
    ];
    if (isList)
      asks.push(['of a page that is none', fixture.call(method, `${path}?limit=0`, { key: ADMIN_KEY })]);
    if (named !== undefined) {
      const target = `${path}?${named}=nowhere`;
      asks.push([
        'of a bucket that is not there',
        fixture.call(method, target, { key: ADMIN_KEY, body: 'm t=1' }),
      ]);
    }
    for (const [name, ask] of asks) {
      const answer = await ask;
      if (answer.status < 400) continue;
      t.ok(String(answer.status) in documented.get(route)!.responses, `${answer.status} of ${route} ${name}`);
      t.same(compile(refusalSchema(route, answer.status)).failures(answer.body, []), [], `${route} ${name}`);
    }
  }
});
