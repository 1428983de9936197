import t from 'tap';
import { createLogger } from '../../server/log.js';

t.test('keys never get into the log', async t => {
  const secret = 'dakkio_a_secret';
  const cases: object[] = [
    { key: secret },
    { adminKey: secret },
    { config: { adminKey: secret } },
    { headers: { 'x-api-key': secret, authorization: `Bearer ${secret}` } },
    { webhookSecret: secret },
    { webhook: { secret } },
    { rule: { webhook: { secret } } },
    { request: { headers: { 'x-api-key': secret, authorization: `Bearer ${secret}` } } },
  ];
  for (const logged of cases) {
    let line = '';
    createLogger('info', { write: (text: string) => (line += text) }).info(logged, 'message');
    t.notMatch(line, secret, JSON.stringify(logged));
    t.match(line, '[redacted]');
    t.match(line, '"msg":"message"');
  }
});

t.test('the level is the least important that is logged', async t => {
  let lines = '';
  const logger = createLogger('warn', { write: (text: string) => (lines += text) });
  logger.info('little');
  logger.warn('more');
  t.notMatch(lines, 'little');
  t.match(lines, 'more');
});
