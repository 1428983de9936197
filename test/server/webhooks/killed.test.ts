import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { NodeProcess } from '../../support/process.js';
import { ok, receive } from '../../support/receiver.js';

const SCRIPT = 'test/support/webhook-sender.js';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

t.test('kill -9 while a webhook is on its way: it is sent again, with the same id and body', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-webhooks-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  let onRequest: () => void = () => {};
  const requested = new Promise<void>(resolve => {
    onRequest = resolve;
  });
  const receiver = await receive(t, () => onRequest());
  const first = new NodeProcess(SCRIPT, [directory, receiver.origin, '1']);
  t.teardown(() => first.kill('SIGKILL'));
  await first.printed(/put\n/);
  await requested;
  first.kill('SIGKILL');
  await first.ended;
  receiver.answer = ok;
  const second = new NodeProcess(SCRIPT, [directory, receiver.origin]);
  t.teardown(() => second.kill('SIGKILL'));
  const [, id] = await second.printed(/delivered (\w+)\n/);
  t.equal(receiver.received.length, 2);
  for (const { headers, body } of receiver.received) {
    t.equal(headers['webhook-id'], id);
    t.ok(new Webhook(SECRET).verify(body, headers));
    t.equal(body, receiver.received[0].body);
  }
  second.kill('SIGKILL');
  await second.ended;
  const third = new NodeProcess(SCRIPT, [directory, receiver.origin, '2']);
  t.teardown(() => third.kill('SIGKILL'));
  await third.printed(/delivered 0+2\n/);
  t.equal(receiver.received.length, 3, 'what was delivered is not sent after the next start');
});
