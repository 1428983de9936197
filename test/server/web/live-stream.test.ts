/** The stream of a page loses nothing without saying so, whenever it was off. */
import t, { type Test } from 'tap';
import type { Api } from '../../../server/web/base/api.js';
import { LiveStream } from '../../../server/web/live/stream.js';

const API = { key: 'key' } as Api;
const BUCKET_ID = 'b'.repeat(24);

interface Call {
  readonly address: string;
  readonly lastEventId: string | undefined;
  /** Answers it. @returns what sends text, and ends where there is none */
  answer(status?: number): (text?: string) => void;
}

/** In the place of a server. */
class Calls {
  readonly #made: Call[] = [];
  #wake: () => void = () => undefined;

  static of(t: Test): Calls {
    const calls = new Calls();
    t.capture(globalThis, 'fetch', (address: string, init: RequestInit) => calls.#take(address, init));
    return calls;
  }

  async next(): Promise<Call> {
    while (this.#made.length === 0) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    return this.#made.shift() as Call;
  }

  #take(address: string, { headers, signal }: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('aborted')));
      const answer = (status = 200) => {
        let to: ReadableStreamDefaultController<Uint8Array>;
        const body = new ReadableStream<Uint8Array>({
          start: controller => {
            to = controller;
            signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
          },
        });
        resolve(new Response(body, { status }));
        return (text?: string) =>
          text === undefined ? to.close() : to.enqueue(new TextEncoder().encode(text));
      };
      const { 'Last-Event-ID': lastEventId } = headers as Record<string, string>;
      this.#made.push({ address, lastEventId, answer });
      this.#wake();
    });
  }
}

function opened(t: Test) {
  const calls = Calls.of(t);
  let gaps = 0;
  const stream = new LiveStream(() => {
    gaps++;
  });
  t.teardown(() => stream.stop());
  const points: unknown[] = [];
  stream.subscribe(point => points.push(point));
  return { calls, stream, points, gaps: () => gaps };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

const isLive = (stream: LiveStream) => until(() => stream.state.peek() === 'live');

t.test('what was stored while it was off, before any point came, is read again once it is on', async t => {
  const { calls, stream, gaps } = opened(t);
  stream.start(API, BUCKET_ID, ['a']);
  (await calls.next()).answer();
  await isLive(stream);
  t.equal(gaps(), 0, 'nothing can be missing at the first start');
  stream.stop();
  stream.start(API, BUCKET_ID, ['a']);
  const call = await calls.next();
  t.equal(gaps(), 0, 'not before the server sends what is stored');
  call.answer();
  await isLive(stream);
  t.equal(gaps(), 1);
});

t.test('it comes back to the place it left, other sources or not', async t => {
  const { calls, stream, points, gaps } = opened(t);
  stream.start(API, BUCKET_ID, ['a']);
  const send = (await calls.next()).answer();
  send('id: 7-0\ndata: {"_id":"x"}\n\n');
  await until(() => points.length === 1);
  stream.start(API, BUCKET_ID, ['a', 'b']);
  const call = await calls.next();
  t.match(call, { address: /dataSourceId=a,b$/, lastEventId: '7-0' });
  call.answer();
  await isLive(stream);
  t.equal(gaps(), 0, 'the server knows what is missing');
  stream.start(API, 'c'.repeat(24), ['d']);
  const other = await calls.next();
  t.equal(other.lastEventId, undefined, 'ids are of one bucket');
  other.answer();
  await isLive(stream);
  t.equal(gaps(), 0);
});

t.test('one that is dropped comes back with what came last, and hears of a gap', async t => {
  const { calls, stream, points, gaps } = opened(t);
  stream.start(API, BUCKET_ID, ['a']);
  const send = (await calls.next()).answer();
  send('id: 7-0\ndata: {"_id":"x"}\n\nevent: dropped\ndata: {}\n\n');
  send();
  const back = await calls.next();
  t.equal(back.lastEventId, '7-0');
  back.answer()('event: gap\ndata: {}\n\n');
  await until(() => gaps() === 1);
  t.equal(points.length, 1);
});

t.test('many sources are not named: no address may be as long', async t => {
  const { calls, stream } = opened(t);
  stream.start(
    API,
    BUCKET_ID,
    Array.from({ length: 700 }, (_, index) => String(index).padStart(24, '0')),
  );
  const call = await calls.next();
  t.equal(call.address, `/api/data/stream?bucketId=${BUCKET_ID}`);
  call.answer(431);
  await until(() => stream.state.peek() === 'refused');
});

t.test('what may go away is tried again', async t => {
  const { calls, stream, gaps } = opened(t);
  stream.start(API, BUCKET_ID, ['a']);
  (await calls.next()).answer(429);
  (await calls.next()).answer(503);
  (await calls.next()).answer();
  await isLive(stream);
  t.equal(gaps(), 0);
});
