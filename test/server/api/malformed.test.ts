import t from 'tap';
import { Random, testSeed } from '../../support/random.js';
import { ADMIN_KEY, Fixture } from './fixture.js';

const STRANGE = [
  'null',
  'true',
  '-0',
  '1e999',
  '1.5',
  '""',
  '"\\ud800"',
  '[]',
  '{}',
  '[[[]]]',
  '{"a":{}}',
  '"now"',
];
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\0',
  '\u00ff',
  '1',
  'null',
  '"__proto__":',
  '\ud800',
];

t.test('whatever is sent, it is refused or it is taken: never a 5xx, never half', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const fixture = await Fixture.open();
  const bucketId = await fixture.createBucket();
  const dataSourceId = await fixture.createSource(bucketId, { t: 'number', s: 'string' });
  const point = { dataSourceId, timestamp: 1000, values: { t: 1, s: 'x' }, metadata: { a: [{ b: 1 }] } };
  const bodies: [string, object][] = [
    ['/api/buckets', { name: 'x', description: 'd', retentionDays: 5 }],
    [`/api/buckets/${bucketId}/keys`, { name: 'x', type: 'read' }],
    [
      `/api/buckets/${bucketId}/sources`,
      { name: 'x', type: 'y', schema: { t: { type: 'number', unit: 'u' }, s: 'string' }, downsampling: true },
    ],
    ['/api/data', { bucketId, ...point }],
    ['/api/data/batch', { bucketId, dataPoints: [point, point, point] }],
    [
      '/api/data/query',
      {
        bucketId,
        filters: {
          dataSourceIds: [dataSourceId],
          startTime: 0,
          endTime: 'now',
          fields: ['t'],
          values: { t: { gt: 0 } },
          metadata: { a: 1 },
          limit: 5,
        },
        aggregation: ['avg', 'p50'],
        groupBy: '15m',
      },
    ],
  ];
  const statuses = new Map<number, number>();
  for (let run = 0; run < 10_000; run++) {
    const [target, body] = random.pick(bodies);
    const before = JSON.stringify(fixture.state());
    const text = mutate(JSON.stringify(body), random);
    const answer = await fixture.call('POST', target, { key: ADMIN_KEY, body: text });
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 500) t.fail(`${answer.status} to ${target}: ${text}`);
    if (answer.status >= 400 && JSON.stringify(fixture.state()) !== before) {
      t.fail(`refused, and something changed: ${target}: ${text}`);
    }
    if (answer.status === 201 && target === '/api/buckets') {
      await fixture.call('DELETE', `/api/buckets/${answer.body.bucket._id}`, { key: ADMIN_KEY });
    }
    // Keeps the comparisons above short.
    if (answer.status === 201 && target.endsWith('/sources')) {
      await fixture.call('DELETE', `${target}/${answer.body.dataSource._id}`, { key: ADMIN_KEY });
    }
  }
  t.ok(
    statuses.get(400)! > 1000 && statuses.get(201)! > 100 && statuses.get(200)! > 100,
    String([...statuses]),
  );
  t.strictSame(fixture.errors, []);
});

/** Replaces a value, or cuts, doubles or inserts bytes; sometimes leaves the text as it is. */
function mutate(text: string, random: Random): string {
  const at = random.integer(text.length);
  const end = at + random.integer(text.length - at);
  switch (random.integer(6)) {
    case 0:
    case 1: {
      const values = [...text.matchAll(/(?<=[:[,])("[^"]*"|-?\d+|true|\{[^{}]*\}|\[[^[\]]*\])(?=[,}\]])/g)];
      if (values.length === 0) return text;
      const { index, 0: value } = random.pick(values);
      return text.slice(0, index) + random.pick(STRANGE) + text.slice(index + value.length);
    }
    case 2:
      return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
    case 3:
      return text.slice(0, at) + text.slice(end);
    case 4:
      return text.slice(0, end) + text.slice(at);
    default:
      return text;
  }
}
