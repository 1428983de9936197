/** The pages as they are served. */
import t from 'tap';
import { accessibilityFaults, noBrowser, onPage, openBrowser } from '../../support/browser.js';
import { runServer } from '../../support/running-server.js';

const PAGES = ['/', '/playground'];

const { server, client } = await runServer(t);

t.test('pages are sent whole, once, and let nothing in', async t => {
  for (const path of PAGES) {
    const { status, headers, body } = await client.send('GET', path);
    t.equal(status, 200, path);
    t.equal(headers['content-type'], 'text/html; charset=utf-8');
    const policy = String(headers['content-security-policy']);
    t.match(policy, /default-src 'self'/);
    t.notMatch(policy, /unsafe/);
    t.equal(headers['x-content-type-options'], 'nosniff');
    t.notMatch(
      body.toString(),
      /<script>|<style|style=|onload=|https?:/,
      'nothing is inline or from elsewhere',
    );
    for (const [, asset] of body.toString().matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      t.equal((await client.send('GET', asset)).status, 200, asset);
    }
  }
});

t.test('what is not there is not', async t => {
  const names = [
    'none.js',
    'none',
    '.html',
    '..%2Fpackage.json',
    '%2e%2e',
    'style.css.map',
    'STYLE.css',
    'style%2Ecss',
  ];
  for (const name of names) t.equal((await client.send('GET', `/assets/${name}`)).status, 404, name);
});

t.test('a page is not sent again where it is the same', async t => {
  const first = await fetch(`${server.origin}/`);
  const etag = first.headers.get('etag') as string;
  t.match(etag, /^"[\w-]{22}"$/);
  const text = await first.text();
  const again = await fetch(`${server.origin}/`, {
    headers: { 'If-None-Match': etag, 'Accept-Encoding': 'identity' },
  });
  t.equal(again.status, 304);
  t.equal(again.headers.get('etag'), etag);
  for (const encoding of ['gzip;q=0', 'br, gzip; q=0.0', 'x-gzip-none', 'identity']) {
    const plain = await fetch(`${server.origin}/`, { headers: { 'Accept-Encoding': encoding } });
    t.equal(plain.headers.get('content-encoding'), null, encoding);
    t.equal(await plain.text(), text, encoding);
  }
  t.equal(first.headers.get('content-encoding'), 'gzip');
});

t.test('pages open without a fault', { skip: noBrowser }, async t => {
  const browser = await openBrowser(t);
  await onPage(t, browser, server.origin, { colorScheme: 'dark' }, async page => {
    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole('link', { name: 'Playground', exact: true }).waitFor();
      t.same(await accessibilityFaults(page), [], path);
    }
  });
});
