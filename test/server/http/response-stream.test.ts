/** Answers without an end, over a real socket. */
import t, { type Test } from 'tap';
import type { Application, Reply, RequestHead, StreamSink } from '../../../server/http/application.js';
import { listen } from '../../../server/http/listen.js';
import { RawClient } from '../../support/http.js';

const PIECE = Buffer.alloc(64 * 1024, 'x');

class Streams implements Application {
  readonly sinks: StreamSink[] = [];
  closed = 0;

  admit(_head: RequestHead) {
    const stream = (sink: StreamSink) => {
      this.sinks.push(sink);
      sink.write(Buffer.from('begin '));
      return () => {
        this.closed++;
      };
    };
    const reply: Reply = { status: 200, headers: { 'Content-Type': 'text/plain' }, stream };
    return { bodyBytesMax: 0, respond: async () => reply };
  }

  tooLarge = () => ({ status: 413 });
  unreadable = () => ({ status: 415 });
  overloaded = () => ({ status: 503 });
}

async function serve(t: Test) {
  const application = new Streams();
  const listening = await listen(application, {
    host: '127.0.0.1',
    port: 0,
    onError: error => t.fail(`${error}`),
  });
  t.teardown(() => listening.close());
  return { application, listening };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setTimeout(resolve, 5));
}

t.test('what is written arrives as it is written, and the end with it', async t => {
  const { application, listening } = await serve(t);
  const response = await fetch(listening.address);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  t.equal((await reader.read()).value, 'begin ');
  const [sink] = application.sinks;
  sink.write(Buffer.from('more'));
  t.equal((await reader.read()).value, 'more');
  sink.end();
  sink.write(Buffer.from('lost'));
  t.equal((await reader.read()).done, true);
  t.equal(application.closed, 1);
});

t.test('what the client does not read waits, counted, and is not lost', async t => {
  const { application, listening } = await serve(t);
  const response = await fetch(listening.address);
  const [sink] = application.sinks;
  let pieces = 0;
  for (; sink.bufferedBytes < 4 * PIECE.length; pieces++) {
    sink.write(PIECE);
    await new Promise(resolve => setImmediate(resolve));
  }
  sink.end();
  t.equal(application.closed, 0, 'it is not over while something waits');
  const text = await response.text();
  t.equal(text.length, 'begin '.length + pieces * PIECE.length);
  t.equal(sink.bufferedBytes, 0);
  t.equal(application.closed, 1);
});

t.test('a client that leaves is told of, once', async t => {
  const { application, listening } = await serve(t);
  const client = await RawClient.open(listening.port);
  client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await until(() => application.sinks.length === 1);
  client.destroy();
  await until(() => application.closed === 1);
  application.sinks[0].write(PIECE);
  application.sinks[0].end();
  t.equal(application.closed, 1);
  t.equal(application.sinks[0].bufferedBytes, 0);
});

t.test('HEAD has the head only', async t => {
  const { application, listening } = await serve(t);
  const response = await fetch(listening.address, { method: 'HEAD' });
  t.equal(response.headers.get('content-type'), 'text/plain');
  t.equal(application.sinks.length, 0);
});

t.test('closing ends what would not end by itself', async t => {
  const { application, listening } = await serve(t);
  const response = await fetch(listening.address);
  await until(() => application.sinks.length === 1);
  const text = response.text();
  await listening.close();
  t.equal(await text, 'begin ');
  t.equal(application.closed, 1);
});
