/** What the playground makes of the document, of ids and of JSON, without a page. */
import { execFileSync } from 'node:child_process';
import t from 'tap';
import { checkBody, pathText } from '../../../server/web/playground/check.js';
import { curlText, fetchText, pythonText } from '../../../server/web/playground/copies.js';
import { type Operation, readSections } from '../../../server/web/playground/document.js';
import { pathFault, shownForm, UNTOUCHED } from '../../../server/web/playground/form.js';
import { hexDump } from '../../../server/web/playground/hex-dump.js';
import { type Asked, hintsFor, mayCall } from '../../../server/web/playground/hints.js';
import { withEntry } from '../../../server/web/playground/history.js';
import { fillIn, forget, type KnownIds, learn } from '../../../server/web/playground/ids.js';
import { jsonFault, jsonTokens, prettyJson, rangeAt } from '../../../server/web/playground/json-text.js';
import { type ApiRequest, requestOf } from '../../../server/web/playground/request.js';
import { sensorDay } from '../../../server/web/playground/tour/sensor-day.js';

const ID = '65a50928039192327990bf44';
const OTHER_ID = '65a50928039192327990bf45';
const KEY = `dakkio_w_${'k'.repeat(40)}`;

/** What shells, scripts and Python would take for something of their own. */
const NASTY = [
  "it's",
  '"double"',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the nasty part
  '$HOME `id` $(id) ${x}',
  'back\\slash\\n',
  '@/etc/passwd',
  'line one\nline two\n',
  'tab\tand\rreturn',
  '!history #comment & ; | > <',
  '\'\'\'\n"""',
  'ends with "',
  'ünïcode 🚦 \u2028',
  '%s %27 {a,b} [1-3]',
  '',
];

t.test('copies say every byte, whatever it is', async t => {
  for (const [index, text] of NASTY.entries()) {
    const request: ApiRequest = {
      method: 'POST',
      target: `/api/data?q=${encodeURIComponent(text)}`,
      headers: [
        ['X-API-Key', KEY],
        ['X-Nasty', text.replace(/\s+/g, ' ')],
      ],
      body: text,
      isStream: false,
    };
    const words = shellWords(curlText(request, 'http://127.0.0.1:1'));
    t.same(
      words,
      [
        ...['-X', 'POST', `http://127.0.0.1:1${request.target}`],
        ...request.headers.flatMap(([name, value]) => [
          '-H',
          value === '' ? `${name};` : `${name}: ${value}`,
        ]),
        ...['--data-raw', text],
      ],
      `shell ${index}`,
    );
    t.same(await fetched(fetchText(request, 'http://127.0.0.1:1')), text, `fetch ${index}`);
  }
});

/** What a shell gives to curl. */
function shellWords(text: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${text}`;
  return execFileSync('bash', ['-c', script]).toString().split('\0').slice(0, -1);
}

/** Body that a script sends. */
async function fetched(script: string): Promise<string> {
  const AsyncFunction = (async () => {}).constructor as new (
    ...parts: string[]
  ) => (...all: unknown[]) => Promise<void>;
  let body = '';
  const fetch = async (_: string, options: { body: string }) => {
    body = options.body;
    return { status: 200, text: async () => '' };
  };
  await new AsyncFunction('fetch', 'console', script)(fetch, { log: () => {} });
  return body;
}

t.test('Python reads its strings as they were', { skip: noPython() }, async t => {
  const texts = NASTY.map(text => ({
    method: 'POST',
    target: '/',
    headers: [],
    body: text,
    isStream: false,
  }));
  const programs = texts.map(request => pythonText(request, 'http://h'));
  const script = `
import json, sys, types
sent = []
fake = types.ModuleType('requests')
class Answer:
    status_code = 200
    text = ''
fake.request = lambda *a, **k: (sent.append(k['data'].decode()), Answer())[1]
sys.modules['requests'] = fake
for program in json.load(sys.stdin):
    exec(program, {'print': lambda *all: None})
print(json.dumps(sent))
`;
  const out = execFileSync('python3', ['-c', script], { input: JSON.stringify(programs) }).toString();
  t.same(JSON.parse(out), NASTY);
});

function noPython(): string | false {
  try {
    execFileSync('python3', ['--version']);
    return false;
  } catch {
    return 'Python is not installed';
  }
}

t.test('JSON breaks where it is told to', async t => {
  const faults: [string, string][] = [
    ['{"a": }', '1:7 A value belongs here'],
    ['{"a": 1', '1:8 A comma or } belongs here'],
    ['[1,\n 2,]', '2:4 A value belongs here'],
    ['{a: 1}', '1:2 A name in double quotes belongs here'],
    ['{"a" 1}', '1:6 A colon belongs after "a"'],
    ['"abc', '1:1 A text is not closed on its line, or has a \\ that is none'],
    ['1 2', '1:3 Nothing may follow the end'],
    ['', '1:1 A value is missing at the end'],
    ['01', '1:2 Nothing may follow the end'],
    ["{'a': 1}", '1:2 A name in double quotes belongs here'],
  ];
  for (const [text, want] of faults) {
    const fault = jsonFault(text);
    t.equal(fault && `${fault.line}:${fault.column} ${fault.message}`, want, text);
    t.throws(() => JSON.parse(text), text);
  }
  for (const text of ['{}', '[]', ' {"a": [1, -2.5e+3, true, null, "x\\u00e9\\n"]} ', '0']) {
    t.equal(jsonFault(text), undefined, text);
    JSON.parse(text);
  }
  t.equal(jsonFault('['.repeat(100_000))?.message, 'Nested too deep');
});

t.test('members are found in the text, and the text is kept digit by digit', async t => {
  const text = '{"a": [1, {"b": "x"}], "c": -0.0}';
  const at = (path: (string | number)[]) => {
    const { start, end } = rangeAt(text, path);
    return text.slice(start, end);
  };
  t.equal(at(['a', 1, 'b']), '"x"');
  t.equal(at(['a', 0]), '1');
  t.equal(at(['a', 1, 'none']), '{"b": "x"}');
  t.equal(at([]), text);
  t.equal(
    jsonTokens(text)
      .map(token => token.text)
      .join(''),
    text,
  );
  t.equal(
    prettyJson('{"n":12345678901234567890,"list":[1.0,2],"empty":[],"of":[{"a":"b:c"}],"o":{}}'),
    '{\n  "n": 12345678901234567890,\n  "list": [1.0, 2],\n  "empty": [],\n  "of": [\n    {\n      "a": "b:c"\n    }\n  ],\n  "o": {}\n}',
  );
});

t.test('schemas are checked in words', async t => {
  const schema = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 3 },
      days: { type: ['integer', 'null'], minimum: 1, maximum: 9 },
      kind: { enum: ['a', 'b'] },
      list: { type: 'array', items: { $ref: '#/components/schemas/Item' }, minItems: 1, maxItems: 2 },
    },
    components: { schemas: { Item: { type: 'number' } } },
  };
  const body = { type: 'application/json', schema, examples: [] };
  const faults: [object, string][] = [
    [{ name: 'abc', days: null, list: [1] }, ''],
    [{}, ' needs "name"'],
    [{ name: '' }, 'name must not be empty'],
    [{ name: 'abcd' }, 'name must have 3 characters or fewer'],
    [{ name: 'a', days: 0 }, 'days must be 1 or more'],
    [{ name: 'a', days: 10 }, 'days must be 9 or less'],
    [{ name: 'a', days: 'x' }, 'days must be a whole number or null'],
    [{ name: 'a', kind: 'c' }, 'kind must be one of "a", "b"'],
    [{ name: 'a', list: [1, 'x'] }, 'list[1] must be a number'],
    [{ name: 'a', list: [] }, 'list must not be empty'],
    [{ name: 'a', list: [1, 2, 3] }, 'list must have 2 items or fewer'],
    [[], ' must be an object'],
  ];
  for (const [value, want] of faults) {
    const { faults } = checkBody(body, JSON.stringify(value));
    t.equal(faults.map(({ path, message }) => `${pathText(path)} ${message}`).join('; '), want);
  }
  t.equal(checkBody(body, '{').syntax?.line, 1);
  const either = { ...body, schema: { anyOf: [schema, { type: 'object', required: ['other', 'more'] }] } };
  t.same(
    checkBody(either, '{"days":1}').faults,
    [{ path: [], message: 'needs "name"' }],
    'the nearest tells',
  );
  t.same(checkBody({ type: 'text/plain', examples: [] }, '{').faults, [], 'text is what it is');
});

const OPERATION: Operation = {
  id: 'getThing',
  method: 'POST',
  path: '/api/buckets/{bucketId}/things',
  section: 1,
  summary: '',
  description: '',
  key: 'writers',
  parameters: [
    { name: 'bucketId', place: 'path', isRequired: true, description: '', kind: 'id' },
    { name: 'q', place: 'query', isRequired: false, description: '', kind: 'text' },
    { name: 'db', place: 'query', isRequired: true, description: '', kind: 'text', example: '{bucketId}' },
    { name: 'X-Note', place: 'header', isRequired: false, description: '', kind: 'text' },
  ],
  body: {
    type: 'application/json',
    examples: [
      { name: 'plain', text: '{"bucketId":"{bucketId}","in":"{dataSourceId}"}' },
      { name: 'other', text: '{}' },
    ],
  },
  answers: [],
  isStream: false,
};

t.test('forms fill themselves, and what was typed stays', async t => {
  const ids: KnownIds = { bucketId: [{ id: ID, name: 'B', source: 'POST /api/buckets' }] };
  const shown = shownForm(OPERATION, UNTOUCHED, ids);
  t.same(shown.values, { bucketId: ID, q: '', db: ID, 'X-Note': '' });
  t.equal(shown.body, `{"bucketId":"${ID}","in":"{dataSourceId}"}`);
  t.same([shown.used, shown.missing], [['bucketId'], ['dataSourceId']]);
  t.equal(shownForm(OPERATION, UNTOUCHED, {}).values.db, '');
  t.equal(shownForm(OPERATION, { values: {}, example: 'other' }, ids).body, '{}');
  const typed = shownForm(OPERATION, { values: { q: "a'b&c" }, body: 'mine' }, ids);
  t.equal(typed.body, 'mine');
  const request = requestOf(OPERATION, { ...typed, values: { ...typed.values, 'X-Note': ' n ' } }, KEY);
  t.equal(request.target, `/api/buckets/${ID}/things?q=a%27b%26c&db=${ID}`);
  t.same(request.headers, [
    ['X-API-Key', KEY],
    ['Content-Type', 'application/json'],
    ['X-Note', 'n'],
  ]);
  t.equal(
    requestOf({ ...OPERATION, key: 'anyone' }, typed, KEY).headers.length,
    1,
    'keys go where they are asked for',
  );
  const [path, query] = OPERATION.parameters;
  t.same(
    ['', '..', '%2E.', 'x'].map(value => pathFault(path, value)),
    ['Needed', 'Dots alone change the path', 'Dots alone change the path', undefined],
  );
  t.equal(pathFault(query, ''), undefined);
  t.equal(
    new URL(`http://h/${encodeURIComponent('\ud800'.replace(/\p{Surrogate}/gu, '\ufffd'))}`).pathname,
    '/%EF%BF%BD',
  );
});

t.test('ids are learned, and forgotten with what they are of', async t => {
  let ids = learn({}, 'POST /api/buckets', {}, { message: '', bucket: { _id: ID, name: 'B' } });
  ids = learn(ids, 'POST s', { bucketId: ID }, { dataSource: { _id: OTHER_ID, name: 'S' } });
  t.equal(ids.bucketId[0].name, 'B', 'using it changes nothing');
  t.equal(ids.bucketId[0].source, 'POST /api/buckets');
  t.same(fillIn('{bucketId} {dataSourceId} {keyId} {x}', ids).text, `${ID} ${OTHER_ID} {keyId} {x}`);
  t.same(learn(ids, 'GET /api/key', {}, { apiKey: { _id: ID } }).keyId, undefined, 'the key that asks stays');
  t.same(learn({}, 'GET /api/buckets', {}, { buckets: [{ _id: ID }, { _id: OTHER_ID }] }).bucketId.length, 2);
  const next = learn(ids, 'POST /api/buckets', {}, { bucket: { _id: OTHER_ID, name: 'C' } });
  t.same(Object.keys(next), ['bucketId'], 'what was inside of another bucket is of no use');
  t.equal(learn(next, 'GET b', { bucketId: ID }, {}).bucketId[0].name, 'B');
  t.same(forget(ids, 'bucketId', ID), {});
  t.same(learn({}, 'GET b', { bucketId: 'nonsense' }, 'text'), {});
});

t.test('no key is kept in the history, and no more than it holds', async t => {
  let entries: ReturnType<typeof withEntry> = [];
  const entry = { operation: 'o', method: 'GET', target: '/', status: 200, milliseconds: 1, sentAt: 1 };
  for (let count = 0; count < 60; count++) {
    entries = withEntry(entries, { ...entry, typed: { values: { q: KEY }, body: `{"key":"${KEY}"}` } });
  }
  t.equal(entries.length, 40);
  t.equal(entries[0].number, 60);
  t.notMatch(JSON.stringify(entries), KEY);
  const [large] = withEntry([], { ...entry, typed: { values: {}, body: 'x'.repeat(100_000) } });
  t.equal(large.typed.body, undefined);
});

t.test('sections hold every operation, tagged or not', async t => {
  const operation = (operationId: string, tags?: string[]) => ({
    operationId,
    tags,
    responses: { 200: { description: '' } },
  });
  const sections = readSections({
    tags: [{ name: 'B' }, { name: 'Empty' }, { name: 'A' }],
    paths: {
      '/a': { get: operation('a', ['A']), post: operation('b', ['B']) },
      '/c': { get: operation('c') },
    },
  });
  t.same(
    sections.map(({ number, name, operations }) => [number, name, operations.map(({ id }) => id).join()]),
    [
      [1, 'B', 'b'],
      [2, 'A', 'a'],
      [3, 'Other', 'c'],
    ],
  );
});

t.test('every refusal has a hint', async t => {
  const asked: Asked = { operation: OPERATION, key: KEY, keyType: 'write', missing: [] };
  const hint = (status: number, message = '', change: Partial<Asked> = {}, retryAfter = '') =>
    hintsFor({ status, message, details: [], retryAfter }, { ...asked, ...change })
      .map(({ text, route = '' }) => `${text} ${route}`)
      .join('\n');
  const hints: [string, RegExp][] = [
    [hint(0), /running/],
    [hint(400, 'x', { missing: ['bucketId'] }), /still says \{bucketId\}.*POST \/api\/buckets/],
    [hint(400, 'Invalid bucket ID format'), /24 characters/],
    [hint(400, 'Request body is not valid JSON'), /no JSON/],
    [hint(400), /example/],
    [hint(401, '', { key: '' }), /No key was sent/],
    [hint(401, '', { keyType: undefined }), /dakkio_a_/],
    [hint(401), /deleted/],
    [
      hint(403, 'Read keys cannot ingest data', { keyType: 'read' }),
      /needs a Write or Admin key; a Read key was sent/,
    ],
    [hint(403, 'API key does not have access to this bucket'), /another bucket/],
    [hint(403, 'The plan does not allow that'), /plan/],
    [hint(404, 'Bucket not found'), /bucketId.*GET \/api\/buckets/],
    [hint(404, 'Webhook delivery not found'), /deliveryId/],
    [hint(404, 'Route not found'), /no such path/],
    [hint(405), /Allow/],
    [hint(409, 'Bucket is archived'), /active/],
    [hint(409, 'Idempotency-Key was used for another request'), /Idempotency-Key/],
    [hint(409, 'Data source is archived'), /active.*PATCH/],
    [hint(409, 'Alert rule has no webhook'), /webhookUrl/],
    [hint(413), /parts/],
    [hint(415), /application\/json/],
    [hint(429, '', {}, '60'), /60 s/],
    [hint(503), /load/],
    [hint(500), /log/],
  ];
  for (const [text, want] of hints) t.match(text, want);
  const rights = (['admin', 'writers', 'readers', 'anyone'] as const).map(need =>
    (['admin', 'write', 'read', undefined] as const).map(type => mayCall(need, type)),
  );
  t.same(rights, [
    [true, false, false, false],
    [true, true, false, false],
    [true, true, true, false],
    [true, true, true, true],
  ]);
});

t.test('bytes are shown as bytes', async t => {
  t.equal(hexDump(new TextEncoder().encode('dakkio\n')), '000000  64 61 6b 6b 69 6f 0a     dakkio·');
  t.match(hexDump(new Uint8Array(2_000)), /… 976 more bytes$/);
});

t.test('the simulated day is plausible, and the same each time', async t => {
  const end = Date.UTC(2024, 0, 15, 10, 30, 12);
  const day = sensorDay(end);
  t.equal(day.length, 1_440);
  t.equal(day[1_439].time, Date.UTC(2024, 0, 15, 10, 30));
  t.same(day, sensorDay(end));
  for (const { temperature, humidity } of day) {
    if (temperature < 5 || temperature > 32 || humidity < 30 || humidity > 95)
      t.fail(`${temperature} ${humidity}`);
  }
});
