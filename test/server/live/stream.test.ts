/** Live points: whoever reads sees every acknowledged point of what it asked for once, in order, and comes back to the place it left. */
import t from 'tap';
import {
  ANSWER_BYTES_MAX,
  STREAM_BUFFERED_BYTES_MAX,
  STREAM_KEPT_BYTES_MAX,
  STREAM_KEPT_MS_MAX,
  STREAMS_KEPT_BYTES_MAX,
  STREAMS_MAX,
} from '../../../server/limits.js';
import { Random, testSeed } from '../../support/random.js';
import { ADMIN_KEY, Fixture, type LiveEvent, NOW, UNKNOWN_ID } from '../api/fixture.js';

const seed = testSeed();
t.comment(`seed ${seed}`);

class Watched {
  readonly fixture: Fixture;
  readonly bucketId: string;
  readonly sources: readonly string[];
  #value = 0;

  constructor(fixture: Fixture, bucketId: string, sources: readonly string[]) {
    this.fixture = fixture;
    this.bucketId = bucketId;
    this.sources = sources;
  }

  static async open(): Promise<Watched> {
    const fixture = await Fixture.open();
    const bucketId = await fixture.createBucket();
    const sources: string[] = [];
    for (const name of ['a', 'b', 'c']) sources.push(await fixture.createSource(bucketId, {}, name));
    return new Watched(fixture, bucketId, sources);
  }

  /** Points with a value that no other has. @param sources of each point in turn */
  async store(...sources: number[]): Promise<void> {
    const dataPoints = sources.map(source => ({
      dataSourceId: this.sources[source],
      timestamp: NOW + this.#value,
      values: { v: this.#value++ },
    }));
    const body = { bucketId: this.bucketId, dataPoints };
    const answer = await this.fixture.call('POST', '/api/data/batch', { key: ADMIN_KEY, body });
    if (answer.status !== 201) throw new Error(answer.text);
  }

  read(more = '', lastEventId?: string) {
    const headers = lastEventId === undefined ? undefined : { 'last-event-id': lastEventId };
    const target = `/api/data/stream?bucketId=${this.bucketId}${more}`;
    return this.fixture.stream(target, { key: ADMIN_KEY, headers });
  }
}

const valuesOf = (events: readonly LiveEvent[]) => events.map(({ data }) => data.values?.v);

t.test('a point comes as a query answers it', async t => {
  const { fixture, bucketId, sources } = await Watched.open();
  const reader = await fixture.stream(`/api/data/stream?bucketId=${bucketId}`, { key: ADMIN_KEY });
  const points = [
    { timestamp: '2024-01-15T10:30:00.250Z', values: { t: -0, on: true, state: 'ü "x"\n' } },
    { timestamp: '2024-01-15T10:30:01Z', values: { t: 1e300 }, metadata: { site: { floor: 2 } } },
  ];
  for (const point of points) {
    // JSON.stringify would lose the sign of the zero.
    const body = JSON.stringify({ bucketId, dataSourceId: sources[0], ...point }).replace('"t":0', '"t":-0');
    t.equal((await fixture.call('POST', '/api/data', { key: ADMIN_KEY, body })).status, 201);
  }
  const query = { bucketId, aggregation: 'none', filters: { endTime: NOW + 10_000 } };
  const { body } = await fixture.call('POST', '/api/data/query', { key: ADMIN_KEY, body: query });
  const { events } = reader;
  t.strictSame(
    events.map(event => event.data),
    body.data,
  );
  t.ok(Object.is(events[0].data.values.t, -0));
  t.match(events[0].id, /^\d+-0$/);
});

t.test('points of what was asked for, from when it was asked, and refused ones never', async t => {
  const watched = await Watched.open();
  await watched.store(0, 1);
  const all = await watched.read();
  const two = await watched.read(`&dataSourceId=${watched.sources[0]},${watched.sources[2]}`);
  const other = await watched.fixture.createBucket('other');
  const none = await watched.fixture.stream(`/api/data/stream?bucketId=${other}`, { key: ADMIN_KEY });
  await watched.store(0, 1, 2, 1);
  const bad = {
    bucketId: watched.bucketId,
    dataPoints: [{ dataSourceId: watched.sources[0], values: { v: 'x' } }],
  };
  t.equal((await watched.fixture.call('POST', '/api/data/batch', { key: ADMIN_KEY, body: bad })).status, 400);
  await watched.store(2);
  t.same(valuesOf(all.events).sort(), [2, 3, 4, 5, 6]);
  t.same(valuesOf(two.events), [2, 4, 6]);
  t.same(none.events, []);
  all.leave();
  await watched.store(0);
  t.equal(all.events.length, 5, 'nothing comes to who has left');
});

t.test('a reader who comes back at any event gets all that follow it, once and in order', async t => {
  const random = new Random(seed);
  const watched = await Watched.open();
  const steady = await watched.read();
  for (let batch = 0; batch < 12; batch++) {
    await watched.store(...Array.from({ length: 1 + random.integer(5) }, () => random.integer(3)));
  }
  const { events } = steady;
  t.equal(new Set(events.map(({ id }) => id)).size, events.length, 'ids are distinct');
  for (let at = 0; at < events.length; at++) {
    const back = await watched.read('', events[at].id);
    t.same(back.events, events.slice(at + 1), events[at].id);
    back.leave();
    const source = watched.sources[random.integer(3)];
    const some = await watched.read(`&dataSourceId=${source}`, events[at].id);
    const rest = events.slice(at + 1).filter(({ data }) => data.dataSourceId === source);
    t.same(some.events, rest, `${source} behind ${events[at].id}`);
    some.leave();
  }
});

t.test('what is not kept any more is told of', async t => {
  const watched = await Watched.open();
  const first = await watched.read();
  await watched.store(0);
  await watched.store(1);
  const [{ id }, last] = first.events;
  first.leave();
  watched.fixture.now += STREAM_KEPT_MS_MAX + 1;
  const late = await watched.read('', id);
  t.match(late.events, [{ name: 'gap', id: '', data: { reason: /query what is missing/ } }]);
  await watched.store(2);
  t.same(valuesOf(late.events.slice(1)), [2], 'and it goes on');
  late.leave();
  const current = await watched.read('', last.id);
  t.same(valuesOf(current.events), [2], 'who has seen all of it misses nothing');
  current.leave();
  watched.fixture.now += STREAM_KEPT_MS_MAX + 1;
  watched.fixture.live.beat();
  await watched.store(0);
  const after = await watched.read('', last.id);
  t.match(after.events, [{ name: 'gap' }], 'nothing is kept where nobody reads');
});

t.test('a restart keeps nothing, and says so', async t => {
  const watched = await Watched.open();
  const before = await watched.read();
  await watched.store(0);
  await watched.store(1);
  const [first, last] = before.events;
  await watched.fixture.restart();
  t.match((await watched.read('', first.id)).events, [{ name: 'gap' }]);
  t.same((await watched.read('', last.id)).events, [], 'there was nothing behind the last');
});

t.test('what is kept is bounded', async t => {
  const watched = await Watched.open();
  const reader = await watched.read();
  await watched.store(0);
  const [{ id }] = reader.events;
  const text = 'x'.repeat(60_000);
  for (let kept = 0; kept < STREAM_KEPT_BYTES_MAX + 120_000; kept += text.length) {
    const body = { bucketId: watched.bucketId, dataSourceId: watched.sources[1], values: { text } };
    await watched.fixture.call('POST', '/api/data', { key: ADMIN_KEY, body });
  }
  const back = await watched.read('', id);
  t.equal(back.events[0].name, 'gap');
  t.ok(back.text.length <= STREAM_KEPT_BYTES_MAX + 500);
});

t.test('all buckets together keep no more than they may', async t => {
  const fixture = await Fixture.open();
  const text = 'x'.repeat(60_000);
  const fill = async (index: number) => {
    const bucketId = await fixture.createBucket(`bucket ${index}`);
    const source = await fixture.createSource(bucketId, {}, 'a');
    const target = `/api/data/stream?bucketId=${bucketId}`;
    const reader = await fixture.stream(target, { key: ADMIN_KEY });
    for (let kept = 0; kept < STREAM_KEPT_BYTES_MAX - 200_000; kept += 100 * text.length) {
      const dataPoints = Array.from({ length: 100 }, () => ({ dataSourceId: source, values: { text } }));
      await fixture.call('POST', '/api/data/batch', { key: ADMIN_KEY, body: { bucketId, dataPoints } });
    }
    const [, first = ''] = /^id: (.*)$/m.exec(reader.text) ?? [];
    reader.leave();
    return async () => {
      const headers = { 'last-event-id': first };
      const back = await fixture.stream(target, { key: ADMIN_KEY, headers });
      back.leave();
      return back.text.length;
    };
  };
  const backs: (() => Promise<number>)[] = [];
  const count = STREAMS_KEPT_BYTES_MAX / STREAM_KEPT_BYTES_MAX + 3;
  for (let index = 0; index < count; index++) backs.push(await fill(index));
  let bytes = 0;
  for (const back of backs) bytes += await back();
  t.ok(bytes > STREAMS_KEPT_BYTES_MAX / 2, `${bytes} bytes are kept`);
  t.ok(bytes <= STREAMS_KEPT_BYTES_MAX + count * 500, `${bytes} bytes are kept`);
});

t.test('a reader who is too slow is dropped, with the reason, and holds up nobody', async t => {
  const watched = await Watched.open();
  const [slow, quick] = [await watched.read(), await watched.read()];
  slow.isSlow = true;
  await watched.store(0);
  slow.bufferedBytes = STREAM_BUFFERED_BYTES_MAX;
  await watched.store(1);
  t.same(valuesOf(quick.events), [0, 1]);
  t.ok(slow.isEnded);
  t.match(slow.events, [{ name: '' }, { name: 'dropped', data: { reason: /too slow/ } }]);
  t.equal(watched.fixture.live.readerCount, 1);
});

t.test(
  'a batch that no answer could hold is stored, and whoever reads it is dropped and told what is missing',
  async t => {
    const watched = await Watched.open();
    const { fixture, sources } = watched;
    const { ordinal } = fixture.catalog.source(sources[0])!;
    const reader = await watched.read();
    await watched.store(0);
    reader.isSlow = true;
    const text = 'x'.repeat(64 * 1024);
    const count = Math.ceil(ANSWER_BYTES_MAX / text.length) + 1;
    const rows = {
      source: ordinal,
      timestamps: new Float64Array(count).fill(NOW),
      fields: [
        { name: 'text', type: 'string', values: new Float64Array(count), dictionary: [text] } as const,
      ],
    };
    await fixture.storage.append({ sources: [rows] });
    t.ok(reader.isEnded);
    t.ok(reader.text.length < STREAM_BUFFERED_BYTES_MAX + 500_000);
    const { events } = reader;
    t.match(events.at(-1), { name: 'dropped', data: { reason: /too slow/ } });
    const seen = events.at(-2)!.id;
    const back = await watched.read('', seen);
    t.match(back.events, [{ name: 'gap' }]);
    await watched.store(1);
    t.same(valuesOf(back.events.slice(1)), [1], 'and it goes on');
  },
);

t.test('who comes back in the middle of a batch is told where the rest of it is not kept', async t => {
  const watched = await Watched.open();
  const reader = await watched.read();
  await watched.store(0, 0, 0, 1);
  const { events } = reader;
  reader.leave();
  watched.fixture.now += STREAM_KEPT_MS_MAX + 1;
  for (const [at, { id }] of events.entries()) {
    const back = await watched.read('', id);
    const isLast = at === events.length - 1;
    t.match(back.events, isLast ? [] : [{ name: 'gap' }], id);
    t.equal(back.events.length, isLast ? 0 : 1);
    back.leave();
  }
});

t.test('a stream shows that it lives, and ends with its key or its bucket', async t => {
  const watched = await Watched.open();
  const { fixture, bucketId } = watched;
  const created = await fixture.call('POST', `/api/buckets/${bucketId}/keys`, {
    key: ADMIN_KEY,
    body: { name: 'reader', type: 'read' },
  });
  const target = `/api/data/stream?bucketId=${bucketId}`;
  const reader = await fixture.stream(target, { key: created.body.apiKey.key });
  const admin = await fixture.stream(target, { key: ADMIN_KEY });
  fixture.live.beat();
  t.same([reader.text, admin.text], [':\n\n:\n\n', ':\n\n:\n\n']);
  t.notOk(reader.isEnded);
  await fixture.call('DELETE', `/api/buckets/${bucketId}/keys/${created.body.apiKey._id}`, {
    key: ADMIN_KEY,
  });
  fixture.live.beat();
  t.match(reader.events, [{ name: 'closed', data: { reason: /API key was deleted/ } }]);
  t.ok(reader.isEnded);
  t.notOk(admin.isEnded);
  await fixture.call('DELETE', `/api/buckets/${bucketId}`, { key: ADMIN_KEY });
  fixture.live.beat();
  t.match(admin.events, [{ name: 'closed', data: { reason: /bucket was deleted/ } }]);
});

t.test('a deleted key gets no point that comes after, before any heartbeat', async t => {
  const watched = await Watched.open();
  const { fixture, bucketId } = watched;
  const keys = `/api/buckets/${bucketId}/keys`;
  const created = await fixture.call('POST', keys, {
    key: ADMIN_KEY,
    body: { name: 'reader', type: 'read' },
  });
  const { _id, key } = created.body.apiKey;
  const target = `/api/data/stream?bucketId=${bucketId}`;
  const reader = await fixture.stream(target, { key });
  const elsewhere = await fixture.stream(`${target}&dataSourceId=${watched.sources[1]}`, { key });
  const admin = await watched.read();
  await watched.store(0);
  await fixture.call('DELETE', `${keys}/${_id}`, { key: ADMIN_KEY });
  await watched.store(0, 0);
  t.match(reader.events, [{ data: { values: { v: 0 } } }, { name: 'closed' }]);
  t.equal(reader.events.length, 2);
  t.ok(reader.isEnded);
  t.notOk(elsewhere.isEnded, 'who is sent nothing is looked at with the next heartbeat');
  t.strictSame(valuesOf(admin.events), [0, 1, 2]);
});

t.test('refusals', async t => {
  const { fixture, bucketId } = await Watched.open();
  const other = await fixture.createBucket('other');
  const key = await fixture.createKey(other, 'read');
  const target = `/api/data/stream?bucketId=${bucketId}`;
  const cases: [name: string, target: string, headers: object, status: number, message: RegExp][] = [
    ['no bucket', '/api/data/stream', {}, 400, /Invalid request parameters/],
    ['an id that is none', '/api/data/stream?bucketId=x', {}, 400, /Invalid bucket ID format/],
    ['a bucket that is not there', `/api/data/stream?bucketId=${UNKNOWN_ID}`, {}, 404, /Bucket not found/],
    ['a source id that is none', `${target}&dataSourceId=`, {}, 400, /Invalid data source ID format/],
    ['a source that is not there', `${target}&dataSourceId=${UNKNOWN_ID}`, {}, 404, /Data source not found/],
    ['an event that is none', target, { 'last-event-id': '7' }, 400, /Last-Event-ID/],
  ];
  for (const [name, path, headers, status, message] of cases) {
    const answer = await fixture.call('GET', path, { key: ADMIN_KEY, headers: { ...headers } });
    t.equal(answer.status, status, name);
    t.match(answer.body.message, message, name);
  }
  t.equal((await fixture.call('GET', target, { key })).status, 403, 'a key of another bucket');
  t.equal((await fixture.call('GET', target)).status, 401, 'no key');
});

t.test('something is sent at once, so that the stream is known to be open', async t => {
  const watched = await Watched.open();
  const reader = await watched.read();
  t.match(reader.text, /^:/);
  t.same(reader.events, []);
});

t.test('there are only so many', async t => {
  const watched = await Watched.open();
  const readers = [];
  for (let count = 0; count < STREAMS_MAX; count++) readers.push(await watched.read());
  const answer = await watched.fixture.call('GET', `/api/data/stream?bucketId=${watched.bucketId}`, {
    key: ADMIN_KEY,
  });
  t.equal(answer.status, 503);
  t.equal(answer.headers['Retry-After'], '5');
  await watched.store(1);
  t.ok(readers.every(({ events }) => events.length === 1));
  readers[0].leave();
  t.same((await watched.read()).events, []);
});
