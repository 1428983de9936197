/**
 * A process that may be killed: `webhook-sender.js DIRECTORY URL [NUMBER]` puts a notification of that number, if one is
 * given, and delivers what there is. Prints `put` when it is durable, and `delivered ID` for each that has arrived.
 */
import { join } from 'node:path';
import { systemClock } from '../../engine/base/time.js';
import { Webhooks } from '../../server/webhooks/webhooks.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { newNotification } from './notifications.js';

const [directory, url, number] = process.argv.slice(2);
const rule = { url, secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };

const webhooks = await Webhooks.open({
  disk: nodeDisk,
  directory,
  clock: systemClock,
  allowed: ['127.0.0.1'],
  rules: { webhookOf: () => rule, onGone: async () => {} },
  logger: { error: () => {} },
});
const log = await Log.open({
  disk: nodeDisk,
  directory: join(directory, 'wal'),
  participants: [webhooks.participant],
});
await webhooks.start(log);
webhooks.deliver();
if (number !== undefined) {
  await webhooks.outbox.put([newNotification(Number(number), 'a', systemClock.now())]);
  process.stdout.write('put\n');
}
const printed = new Set<string>();
setInterval(() => {
  for (const { id, status } of webhooks.outbox.deliveriesOf('a')) {
    if (status !== 'delivered' || printed.has(id)) continue;
    printed.add(id);
    process.stdout.write(`delivered ${id}\n`);
  }
}, 5);
