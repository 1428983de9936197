import t from 'tap';
import { AddressRules, type AllowedAddresses } from '../../../server/webhooks/addresses.js';
import { Destinations } from '../../../server/webhooks/destinations.js';
import { WebhookRefusedError } from '../../../server/webhooks/refused.js';
import { parseWebhookUrl } from '../../../server/webhooks/url.js';

const PUBLIC = ['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'];

/** Whoever is asked for a name answers with these: only what is written as an address, or is a local name, is refused then. */
function destinations(allowed: AllowedAddresses = false, found: readonly string[] = PUBLIC): Destinations {
  return new Destinations(new AddressRules(allowed), async () => found);
}

const leads = async (text: string, allowed?: AllowedAddresses, found?: readonly string[]) =>
  destinations(allowed, found).addresses(parseWebhookUrl(text));

t.test('URLs that lead inside, however written, are refused without asking a resolver', async t => {
  const refused = [
    // Loopback.
    'http://127.0.0.1/',
    'https://127.0.0.1:8443/hook',
    'http://127.255.255.254/',
    'http://127.1/',
    'http://127.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://0x7F.0x0.0x0.0x1/',
    'http://017700000001/',
    'http://0177.0.0.1/',
    'http://0177.0.0.01/',
    'http://127.0.0.1./',
    'http://%31%32%37.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://127。0。0。1/',
    'http://１２７.０.０.１/',
    'http://127.0.0.1\\@example.com/',
    'http:127.0.0.1/',
    'http:\\\\127.0.0.1/',
    'http:////127.0.0.1/',
    'HTTP://127.0.0.1/',
    // Names of this machine.
    'http://localhost/',
    'http://LocalHost/',
    'http://localhost./',
    'http://localhost../',
    'http://a.localhost/',
    'http://a.b.localhost./',
    'http://ⓛocalhost/',
    'http://lo\u00adcalhost/',
    'http://%6cocalhost/',
    'http://ｌｏｃａｌｈｏｓｔ/',
    // Unspecified: connects to this machine.
    'http://0/',
    'http://0.0.0.0/',
    'http://0x0/',
    'http://0.0.0.1/',
    'http://[::]/',
    // Private, shared and link-local.
    'http://10.0.0.1/',
    'http://167772161/',
    'http://10.255.255.255/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.0.1/',
    'http://192.168.1/',
    'http://0300.0250.0.1/',
    'http://100.64.0.1/',
    'http://100.100.100.200/latest/meta-data/',
    'http://100.127.255.255/',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/latest/meta-data/',
    'http://0xa9fea9fe/',
    'http://169.254.1/',
    'http://168.63.129.16/machine',
    // For no host, or for many.
    'http://192.0.0.192/',
    'http://192.0.2.1/',
    'http://192.88.99.1/',
    'http://198.18.0.1/',
    'http://198.19.255.255/',
    'http://198.51.100.1/',
    'http://203.0.113.1/',
    'http://224.0.0.1/',
    'http://239.255.255.250/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'http://4294967295/',
    // IPv6.
    'http://[::1]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[0000:0000:0000:0000:0000:0000:0000:0001]:80/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::FFFF:10.0.0.1]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[::7f00:1]/',
    'http://[::2]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[64:ff9b:1::10.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://[2002:a9fe:a9fe::1]/',
    'http://[2001::1]/',
    'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    'http://[2001:db8::1]/',
    'http://[3fff::1]/',
    'http://[100::1]/',
    'http://[fc00::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fdff:ffff::1]/',
    'http://[fe80::1]/',
    'http://[febf::1]/',
    'http://[fec0::1]/',
    'http://[ff02::1]/',
    'http://[4000::1]/',
    'http://[1fff::1]/',
    'http://[5f00::1]/',
  ];
  for (const text of refused) {
    await t.rejects(leads(text), WebhookRefusedError, JSON.stringify(text));
    t.ok((await leads(text, true)).length > 0, `${text} where all may be called`);
  }
});

t.test('what is no URL of a webhook is refused by its form', async t => {
  const cases: [text: string, message: RegExp][] = [
    ['', /Invalid url/],
    ['example.com/hook', /Invalid url/],
    ['//example.com', /Invalid url/],
    ['http://', /Invalid url/],
    ['http://[::1', /Invalid url/],
    ['http://[fe80::1%25eth0]/', /Invalid url/],
    ['http://256.1.1.1/', /Invalid url/],
    ['http://1.1.1.1.1/', /Invalid url/],
    ['http://127.0.0.1%2f/', /Invalid url/],
    ['http://127.0.0.1%00.example.com/', /Invalid url/],
    ['http://example.com:65536/', /Invalid url/],
    [' https://example.com/', /Invalid url/],
    ['https://exam\tple.com/', /Invalid url/],
    ['https://example.com/\r\nHost: a', /Invalid url/],
    ['https://example.com/\u0000', /Invalid url/],
    ['ftp://example.com/', /must begin with/],
    ['file:///etc/passwd', /must begin with/],
    ['gopher://127.0.0.1:6379/_', /must begin with/],
    ['javascript:alert(1)', /must begin with/],
    ['data:,a', /must begin with/],
    ['unix:/var/run/docker.sock', /must begin with/],
    ['https://user:password@example.com/', /user name or a password/],
    ['https://user@example.com/', /user name or a password/],
    ['https://:password@example.com/', /user name or a password/],
    ['http://93.184.216.34@127.0.0.1/', /user name or a password/],
    [`https://example.com/${'a'.repeat(2_048)}`, /at most 2048 characters/],
  ];
  for (const [text, message] of cases) {
    t.throws(() => parseWebhookUrl(text), { code: 'WEBHOOK_REFUSED', message }, JSON.stringify(text));
  }
});

t.test('public hosts are led to, and only to what they were found to be', async t => {
  const cases: [text: string, want: readonly string[]][] = [
    ['https://example.com/hook', PUBLIC],
    ['https://example.com./hook', PUBLIC],
    ['http://bücher.example:8080/?a=b#c', PUBLIC],
    ['https://localhost.example.com/', PUBLIC],
    ['https://notlocalhost/', PUBLIC],
    ['http://93.184.216.34/', ['93.184.216.34']],
    ['http://0x5d.0xb8.0xd8.0x22/', ['93.184.216.34']],
    ['http://[2606:2800:220:1::1]/', ['2606:2800:220:1::1']],
    ['http://[::ffff:93.184.216.34]/', ['::ffff:5db8:d822']],
    ['http://[64:ff9b::93.184.216.34]/', ['64:ff9b::5db8:d822']],
    ['http://172.15.255.255/', ['172.15.255.255']],
    ['http://172.32.0.0/', ['172.32.0.0']],
    ['http://100.63.255.255/', ['100.63.255.255']],
    ['http://100.128.0.0/', ['100.128.0.0']],
    ['http://169.253.255.255/', ['169.253.255.255']],
    ['http://192.167.255.255/', ['192.167.255.255']],
    ['http://223.255.255.255/', ['223.255.255.255']],
    ['http://128.0.0.1/', ['128.0.0.1']],
    ['http://1.0.0.0/', ['1.0.0.0']],
    ['http://[2000::1]/', ['2000::1']],
    ['http://[2001:200::1]/', ['2001:200::1']],
    ['http://[2003::1]/', ['2003::1']],
  ];
  for (const [text, want] of cases) t.strictSame(await leads(text), want, text);
});

t.test('a name is refused where any of its addresses is, which the message says', async t => {
  const inside = [
    '10.1.2.3',
    '::1',
    '::ffff:192.168.0.1',
    'fe80::1%eth0',
    '169.254.169.254',
    'not an address',
  ];
  for (const address of inside) {
    for (const found of [[address], [...PUBLIC, address], [address, ...PUBLIC]]) {
      const told = leads('https://intern.example.com/', false, found);
      await t.rejects(told, WebhookRefusedError, found.join());
    }
  }
  await t.rejects(leads('https://intern.example.com/', false, ['10.1.2.3']), {
    message:
      'intern.example.com is at 10.1.2.3, which is private: ' +
      'webhooks go to public addresses, and to those that DAKKIO_WEBHOOK_ALLOW_PRIVATE allows',
  });
  await t.rejects(leads('http://0x7f.1/'), { message: /^127\.0\.0\.1 is loopback: / });
  await t.rejects(leads('https://nowhere.example.com/', false, []), { message: /has no address/ });
});

t.test('the operator allows ranges, in each form of their addresses', async t => {
  const allowed = ['10.1.0.0/16', '::1', 'fd00::/8', '192.168.7.7'];
  const fine = [
    'http://10.1.2.3/',
    'http://[::ffff:10.1.2.3]/',
    'http://[64:ff9b::10.1.2.3]/',
    'http://[::1]/',
    'http://[fd12::1]/',
    'http://192.168.7.7/',
    'http://93.184.216.34/',
  ];
  for (const text of fine) t.ok(await leads(text, allowed), text);
  const refused = [
    'http://10.2.0.1/',
    'http://[::ffff:10.2.0.1]/',
    'http://127.0.0.1/',
    'http://localhost/',
    'http://[fc00::1]/',
    'http://192.168.7.8/',
    'http://[::ffff:192.168.7.8]/',
  ];
  for (const text of refused) await t.rejects(leads(text, allowed), WebhookRefusedError, text);
  t.strictSame(await leads('http://localhost/', ['127.0.0.0/8', '::1']), ['127.0.0.1', '::1']);
});
