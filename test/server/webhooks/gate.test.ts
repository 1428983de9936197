import t from 'tap';
import { AddressRules, type AllowedAddresses } from '../../../server/webhooks/addresses.js';
import { Destinations, type Resolve } from '../../../server/webhooks/destinations.js';
import { WebhookGate } from '../../../server/webhooks/gate.js';

function check(text: string, resolve: Resolve, allowed: AllowedAddresses = false): Promise<void> {
  return new WebhookGate(new Destinations(new AddressRules(allowed), resolve), 30).check(text);
}

t.test('what is refused is told at webhookUrl, with the address and the setting', async t => {
  const refused: [text: string, message: RegExp][] = [
    ['http://127.0.0.1/', /^127\.0\.0\.1 is loopback.*DAKKIO_WEBHOOK_ALLOW_PRIVATE/],
    [
      'https://intern.example.com/',
      /^intern\.example\.com is at 10\.0\.0\.1, which is private.*_ALLOW_PRIVATE/,
    ],
    ['ftp://example.com/', /must begin with/],
    ['nothing', /^Invalid url$/],
  ];
  for (const [text, message] of refused) {
    await t.rejects(
      check(text, async () => ['10.0.0.1']),
      {
        code: 'INVALID_REQUEST',
        status: 400,
        message: 'Invalid request parameters',
        details: [{ path: ['body', 'webhookUrl'], message }],
      },
    );
  }
});

t.test('what is public or allowed is let through, and what cannot be told now', async t => {
  const missing = async () => {
    throw new Error('ENOTFOUND');
  };
  await t.resolves(check('https://example.com/', async () => ['93.184.216.34']));
  await t.resolves(check('https://intern.example.com/', async () => ['10.0.0.1'], ['10.0.0.0/8']));
  await t.resolves(check('https://unknown.example.com/', missing));
  await t.resolves(check('https://slow.example.com/', () => new Promise(() => {})));
});
