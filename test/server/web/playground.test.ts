/** The playground in a browser, over the real server. */
import { execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page, Request } from 'playwright-core';
import t from 'tap';
import { ADMIN_KEY } from '../../../bench/server-process.js';
import {
  accessibilityFaults,
  noBrowser,
  onPage,
  openBrowser,
  type PageOptions,
} from '../../support/browser.js';
import { runServer } from '../../support/running-server.js';

const NASTY = '<img src=x onerror=alert(1)>';
const NONE = 'f'.repeat(24);
const ANY_KEY = /dakkio_[awr]_[a-z0-9]{40}/;
const REFUSED: PageOptions = { expected: /status of 4\d\d/ };

const { server, client } = await runServer(t);
const skip = noBrowser;
const browser = skip ? undefined : await openBrowser(t);

function playground(t: Test, options: PageOptions, use: (page: Page) => Promise<void>): Promise<void> {
  return onPage(t, browser!, server.origin, options, use);
}

type Test = Parameters<typeof onPage>[0];

async function open(page: Page, id: string): Promise<void> {
  await page.goto(`/playground#${id}`);
  await page.locator(id === 'tour' ? '.tour' : '.operation').waitFor();
}

async function giveKey(page: Page, key: string): Promise<void> {
  await page.locator('.key-button').click();
  await page.locator('.key-form input').fill(key);
  await page.getByRole('button', { name: 'Use', exact: true }).click();
  await page.locator('dialog').waitFor({ state: 'detached' });
}

/** Sends what is shown. @returns the text of the status */
async function send(page: Page): Promise<string> {
  const [answer] = await Promise.all([
    page.waitForResponse(response => isCall(response.request())),
    page.getByRole('button', { name: /^Send/ }).click(),
  ]);
  const status = answer.status();
  const shown = page.locator('.status .badge', { hasText: String(status) });
  await shown.waitFor();
  return (await shown.textContent()) ?? '';
}

function isCall(request: Request): boolean {
  return request.resourceType() === 'fetch';
}

async function post(path: string, body: object) {
  const answer = await client.send('POST', path, Buffer.from(JSON.stringify(body)));
  return JSON.parse(answer.body.toString());
}

interface Shown {
  readonly lines: string;
  readonly body: string | null;
  readonly curl: string;
}

/** What the form says that it sends. */
async function shownBy(page: Page): Promise<Shown> {
  const editor = page.locator('textarea');
  const body = (await editor.count()) === 0 ? null : await editor.inputValue();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.locator('.notices p', { hasText: 'curl' }).first().waitFor();
  const curl = await page.evaluate('navigator.clipboard.readText()');
  return { lines: (await page.locator('.request-lines').textContent()) ?? '', body, curl: String(curl) };
}

function masked(key: string): string {
  return `${key.slice(0, 9)}••••${key.slice(-4)}`;
}

function compare(t: Test, name: string, shown: Shown, request: Request): void {
  const [line, ...headers] = shown.lines.split('\n');
  const { pathname, search } = new URL(request.url());
  t.equal(line, `${request.method()} ${pathname}${search}`, name);
  t.equal(shown.body ?? '', request.postData() ?? '', `${name}: body`);
  const sent = request.headers();
  for (const header of headers) {
    const [key, value] = header.split(': ');
    const actual = sent[key.toLowerCase()] ?? '';
    t.equal(value, key === 'X-API-Key' ? masked(actual) : actual, `${name}: ${key}`);
  }
  const isShown = (header: string) => headers.some(one => one.toLowerCase().startsWith(`${header}:`));
  for (const header of ['x-api-key', 'content-type', 'authorization', 'idempotency-key']) {
    t.equal(header in sent, isShown(header), `${name}: no ${header} that is not shown`);
  }
}

/** Method, target, headers and body that each text gives to curl. */
function curlCalls(texts: readonly string[]): string[][] {
  const script = `curl() { printf '%s\\0' "$@" $'\\x1e'; }\n${texts.join('\n')}`;
  const out = execFileSync('bash', ['-c', script], { maxBuffer: 1e8 }).toString();
  return out
    .split('\0\x1e\0')
    .slice(0, -1)
    .map(call => call.split('\0'));
}

function compareCurl(t: Test, name: string, call: readonly string[], request: Request): void {
  const after = (flag: string) => call.flatMap((word, index) => (word === flag ? [call[index + 1]] : []));
  t.equal(after('-X')[0] ?? 'GET', request.method(), `${name}: method of curl`);
  t.ok(call.includes(request.url()), `${name}: address of curl`);
  t.equal(after('--data-raw')[0] ?? '', request.postData() ?? '', `${name}: body of curl`);
  const sent = request.headers();
  for (const header of after('-H')) {
    const [key, value] = header.split(': ');
    t.equal(value, sent[key.toLowerCase()], `${name}: ${key} of curl`);
  }
}

interface Documented {
  readonly operationId: string;
  readonly method: string;
}

async function documented(): Promise<Documented[]> {
  const { paths } = JSON.parse((await client.send('GET', '/openapi.json')).body.toString());
  const all = Object.values<Record<string, { operationId: string }>>(paths).flatMap(operations =>
    Object.entries(operations).map(([method, { operationId }]) => ({ operationId, method })),
  );
  const isDelete = ({ method }: Documented) => method === 'delete';
  // What is inside is deleted first, a rule before its source, and the bucket last.
  const depth = ({ operationId: id }: Documented) =>
    id.split('Id').length - (id.endsWith('BucketId') ? 1 : 0);
  const byName = (left: Documented, right: Documented) => (left.operationId < right.operationId ? -1 : 1);
  const deletes = all
    .filter(isDelete)
    .sort((left, right) => depth(right) - depth(left) || byName(left, right));
  return [...all.filter(one => !isDelete(one)), ...deletes];
}

/** A webhook that was to be sent to where nobody is, and a bucket with all that can be deleted. */
async function makeDelivery(): Promise<Record<string, string>> {
  const { bucket } = await post('/api/buckets', { name: 'Delivering' });
  const bucketId = bucket._id;
  const { dataSource } = await post(`/api/buckets/${bucketId}/sources`, {
    name: 'S',
    schema: { t: 'number' },
  });
  const dataSourceId = dataSource._id;
  const rule = {
    bucketId,
    dataSourceId,
    name: 'R',
    condition: 't > 1',
    webhookUrl: 'https://nobody.invalid/',
  };
  const { alertRule } = await post('/api/alerts', rule);
  await post('/api/data', { bucketId, dataSourceId, values: { t: 2 } });
  const path = `/api/buckets/${bucketId}/alerts/${alertRule._id}/deliveries`;
  for (;;) {
    const { deliveries } = JSON.parse((await client.send('GET', path)).body.toString());
    if (deliveries.length === 0) {
      await promisify(setImmediate)();
      continue;
    }
    const { apiKey } = await post(`/api/buckets/${bucketId}/keys`, { name: 'K', type: 'read' });
    const ids = { bucketId, dataSourceId, keyId: apiKey._id, alertId: alertRule._id };
    return { ...ids, deliveryId: deliveries[0]._id };
  }
}

/** Beside what fills itself. */
const FILLED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  getApiBuckets: { limit: '5', offset: '0' },
  postApiData: { 'Idempotency-Key': 'once/&"only"' },
  getApiDataStream: { 'Last-Event-ID': '1-1' },
  postApiV2Write: { org: 'o\'ne & "more" %' },
};
const CHOSEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  postApiDataQuery: { Accept: 'application/msgpack' },
  getApiAnalyticsBucketsBucketId: { period: '24h' },
  postWrite: { precision: 'ns' },
};

t.test('the form of every operation sends what it shows', { skip }, async t => {
  const made = await makeDelivery();
  const hook = { webhookUrl: 'https://nobody.invalid/' };
  const operations = await documented();
  const curls: [name: string, text: string, request: Request][] = [];
  await playground(t, {}, async page => {
    await open(page, '');
    await giveKey(page, ADMIN_KEY);
    for (const { operationId: id } of operations) {
      await page.evaluate(`location.hash = '${id}'`);
      await page.locator(`.operation-list a[href="#${id}"][aria-current]`).waitFor();
      const field = (name: string) =>
        page.locator('.parameter', { has: page.locator(`code:text-is("${name}")`) }).locator('input, select');
      for (const [name, value] of Object.entries(FILLED[id] ?? {})) await field(name).fill(value);
      if (/^delete|Replay$/.test(id)) {
        for (const [name, value] of Object.entries(made)) {
          if ((await field(name).count()) > 0) await field(name).fill(value);
        }
      }
      for (const [name, value] of Object.entries(CHOSEN[id] ?? {})) await field(name).selectOption(value);
      if (id === 'postApiAlerts') {
        const body = JSON.parse(await page.locator('textarea').inputValue());
        await page.locator('textarea').fill(JSON.stringify({ ...body, ...hook }));
      }
      const shown = await shownBy(page);
      const [request, status] = await Promise.all([page.waitForRequest(isCall), send(page)]);
      t.match(status, /^2/, id);
      compare(t, id, shown, request);
      curls.push([id, shown.curl, request]);
      if (id === 'getApiDataStream') await page.getByRole('button', { name: 'Stop' }).click();
    }
    t.equal(curls.length, operations.length);
    const sections = await page.locator('.section').count();
    t.equal(await page.locator('.section > .done').count(), sections, 'all sections are done');
    const kept = String(await page.evaluate("sessionStorage.getItem('dakkio.playground.history')"));
    t.equal(JSON.parse(kept).length, 40, 'the history holds the last of it');
    t.notMatch(kept, ANY_KEY, 'without keys');
    t.notMatch(page.url(), ANY_KEY);
  });
  const calls = curlCalls(curls.map(([, text]) => text));
  for (const [index, [name, , request]] of curls.entries()) compareCurl(t, name, calls[index], request);
});

t.test('what is copied runs, and names of any kind are shown as text', { skip }, async t => {
  const name = `${NASTY} it's "quoted" $HOME \`id\` \\ é`;
  await playground(t, {}, async page => {
    await open(page, 'postApiBuckets');
    await giveKey(page, ADMIN_KEY);
    await page.locator('textarea').fill(JSON.stringify({ name }));
    const { curl } = await shownBy(page);
    const { bucket } = JSON.parse(execFileSync('bash', ['-c', curl], { stdio: 'pipe' }).toString());
    t.equal(bucket.name, name);
    t.match(await send(page), /^201/);
    await page.locator('.remembered', { hasText: name }).waitFor();
    await page.evaluate("location.hash = 'postApiBucketsBucketIdKeys'");
    await page.locator('.parameter', { hasText: NASTY }).waitFor();
    t.match(await send(page), /^201/);
    await page.getByRole('button', { name: 'Use it from now on' }).click();
    await page.locator('.key-button', { hasText: NASTY }).waitFor();
    await page.evaluate("location.hash = 'postApiBucketsBucketIdSources'");
    await page.locator('textarea').fill(JSON.stringify({ name: NASTY, schema: { [NASTY]: 'number' } }));
    t.match(await send(page), /^201/);
    await page.locator('.output', { hasText: NASTY }).waitFor();
    t.equal(await page.locator('img').count(), 0);
    t.same(await accessibilityFaults(page), []);
  });
});

t.test('refusals say what to check, and lead there', { skip }, async t => {
  const { bucket } = await post('/api/buckets', { name: 'Hints' });
  const { apiKey } = await post(`/api/buckets/${bucket._id}/keys`, { name: 'Reader', type: 'read' });
  await playground(t, REFUSED, async page => {
    const hint = page.locator('.answer .failure');
    await open(page, 'getApiBuckets');
    t.match(await send(page), /^401/);
    t.match(await hint.textContent(), /No key was sent/);
    await giveKey(page, apiKey.key);
    await page.locator('.key-need', { hasText: 'read' }).waitFor();
    t.match(await send(page), /^403/);
    t.match(await hint.textContent(), /needs an Admin key; a Read key was sent/);
    await giveKey(page, ADMIN_KEY);
    await open(page, 'postApiDataBatch');
    await page.locator('textarea').fill('{\n "bucketId": 3,\n "dataPoints": []\n}');
    await page.locator('.check', { hasText: 'bucketId must be a text' }).waitFor();
    t.match(await send(page), /^400/);
    t.same(await accessibilityFaults(page), []);
    await hint.getByRole('button', { name: 'dataPoints' }).click();
    const selected =
      'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)';
    t.equal(await page.evaluate(selected), '[]', 'it leads to its place');
    await page.locator('textarea').fill('{\n "bucketId": }');
    await page.locator('.check', { hasText: 'Line 2, column 14' }).waitFor();
    await open(page, 'getApiBucketsBucketId');
    await page.locator('.parameter input').fill(NONE);
    t.match(await send(page), /^404/);
    t.match(await hint.textContent(), /bucketId.*GET \/api\/buckets/);
    await page.locator('.sent button', { hasText: '403' }).click();
    await page.getByRole('heading', { name: 'Lists buckets' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Shows a bucket' }).waitFor();
    t.equal(await page.locator('.parameter input').inputValue(), NONE, 'forms keep what was typed');
  });
});

t.test('points of the live stream appear as they are stored', { skip }, async t => {
  const { bucket } = await post('/api/buckets', { name: 'Live' });
  const path = `/api/buckets/${bucket._id}/sources`;
  const { dataSource } = await post(path, { name: 'S', schema: { t: 'number' } });
  await playground(t, {}, async page => {
    await open(page, 'getApiDataStream');
    await giveKey(page, ADMIN_KEY);
    await page.locator('.parameter input').first().fill(bucket._id);
    t.match(await send(page), /^200/);
    await page.getByText('Listening').waitFor();
    await post('/api/data', { bucketId: bucket._id, dataSourceId: dataSource._id, values: { t: 4711 } });
    await page.locator('.events', { hasText: '4711' }).waitFor();
    t.same(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: /^Send/ }).waitFor();
    t.match(await page.locator('.events').textContent(), /4711/, 'what came stays');
  });
});

t.test('a request is made by keyboard alone', { skip }, async t => {
  await playground(t, {}, async page => {
    await open(page, '');
    while ((await page.evaluate('document.activeElement.className')) !== 'button key-button') {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.locator('.key-form input').focus();
    await page.keyboard.type('dakkio_x');
    await page.getByText('Keys begin with').waitFor();
    await page.keyboard.press('Control+a');
    await page.keyboard.type(ADMIN_KEY);
    await page.keyboard.press('Enter');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('organization uses');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What the organization has' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('.status', { hasText: '200 OK' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    t.same(await accessibilityFaults(page), []);
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'What came into a bucket' }).waitFor();
  });
});

t.test('the whole tour ends on a chart, and takes away what it made', { skip }, async t => {
  await playground(t, { colorScheme: 'light' }, async page => {
    await open(page, 'tour');
    t.same(await accessibilityFaults(page), [], 'without a key');
    await page.getByRole('button', { name: 'Enter an Admin key' }).click();
    await page.locator('.key-form input').fill(ADMIN_KEY);
    await page.getByRole('button', { name: 'Use', exact: true }).click();
    await page.getByRole('button', { name: 'Run the tour' }).click();
    await page.getByRole('button', { name: 'Run it again' }).waitFor();
    const steps = await page.locator('.tour-step').count();
    t.equal(await page.locator('.tour-step.done').count(), steps, 'each request has its answer');
    t.equal(await page.locator('.day-charts canvas').count(), 2);
    const [{ top, bottom }] = (await page.evaluate(DRAWN)) as { top: number; bottom: number }[];
    t.ok(top >= 0 && bottom > top, 'something is drawn');
    t.same(await accessibilityFaults(page), [], 'light');
    await page.getByRole('button', { name: 'Use dark colours' }).click();
    t.same(await accessibilityFaults(page), [], 'dark');
    await page.locator('.tour-step a', { hasText: '/api/alerts' }).last().click();
    await page.getByRole('heading', { name: 'Creates an alert rule' }).waitFor();
    t.match(await page.locator('textarea').inputValue(), /Too warm/, 'a step opens as it was sent');
    t.same(await accessibilityFaults(page), [], 'a form that was sent');
    await page.goBack();
    await page.getByRole('button', { name: 'Delete it' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The day is drawn here').waitFor();
    const { buckets } = JSON.parse((await client.send('GET', '/api/buckets')).body.toString());
    t.notOk(buckets.some(({ name }: { name: string }) => name.startsWith('Tour')));
  });
});

/** Rows of pixels between which the charts have drawn their line. */
const DRAWN = `[...document.querySelectorAll('.day-charts canvas')].map(canvas => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let top = -1, bottom = -1;
  for (let at = 0; at < data.length; at += 4) {
    const isColoured = data[at + 3] === 255 && Math.abs(data[at] - data[at + 2]) > 64;
    if (!isColoured) continue;
    const row = Math.floor(at / 4 / canvas.width);
    if (top < 0) top = row;
    bottom = row;
  }
  return { top, bottom };
})`;

t.test('nothing is wider than a phone', { skip }, async t => {
  const viewport = { width: 360, height: 740 };
  await playground(t, { viewport, ...REFUSED }, async page => {
    await open(page, '');
    await giveKey(page, ADMIN_KEY);
    const widest = () => page.evaluate('document.documentElement.scrollWidth');
    for (const { operationId: id } of await documented()) {
      await page.evaluate(`location.hash = '${id}'`);
      await page.locator(`.narrow-choice`).waitFor();
      t.equal(await widest(), 360, id);
    }
    await open(page, 'getApiBuckets');
    t.match(await send(page), /^200/);
    t.equal(await widest(), 360, 'with an answer');
    t.same(await accessibilityFaults(page), []);
    await open(page, 'tour');
    t.equal(await widest(), 360, 'the tour');
  });
});
