/** The dashboards in a browser, as somebody uses them from the first key on. */
import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { ADMIN_KEY } from '../../../bench/server-process.js';
import {
  accessibilityFaults,
  contrastFaults,
  noBrowser,
  onPage,
  openBrowser,
  type PageOptions,
} from '../../support/browser.js';
import { type RunningServer, runServer } from '../../support/running-server.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

interface Created {
  readonly _id: string;
}

t.test('board', { skip: noBrowser }, async t => {
  const running = await runServer(t);
  const browser = await openBrowser(t);
  await t.test('a first visit, from a wrong key to points that come by themselves', t =>
    firstVisit(t, browser, running),
  );
  const home = await makeHome(running);
  await t.test('every kind of key opens what it may', t => kindsOfKeys(t, browser, running, home));
  await t.test('where there are no points, it says what to do', t => noPoints(t, browser, running, home));
  await t.test('ranges: there and back', t => ranges(t, browser, running, home));
  await t.test('by keyboard alone', t => byKeyboard(t, browser, running, home));
  await t.test('a narrow page', t => narrow(t, browser, running, home));
  for (const colorScheme of ['light', 'dark'] as const) {
    await t.test(`whatever opens keeps nobody out, ${colorScheme}`, t =>
      everythingOpen(t, browser, running, home, { colorScheme }),
    );
  }
});

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Open' }).click();
  await page.getByRole('button', { name: 'Your key' }).waitFor();
}

/** Charts have drawn what is looked at. */
async function atRest(page: Page): Promise<void> {
  await page.locator('.chart-plot[aria-busy="false"]').first().waitFor();
  await page.locator('.chart-plot:not([aria-busy="false"])').first().waitFor({ state: 'detached' });
}

/** What no locator can wait for. */
async function becomes(page: Page, what: string, isSo: () => Promise<boolean>): Promise<void> {
  const last = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > last) throw new Error(`It did not become so: ${what}`);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

async function firstVisit(t: Test, browser: Browser, { server }: RunningServer): Promise<void> {
  await onPage(t, browser, server.origin, { expected: /status of 401/ }, async page => {
    await page.goto('/');
    const box = page.getByLabel('API key');
    await box.fill('secret');
    await page.getByText('Keys begin with').waitFor();
    await box.fill(ADMIN_KEY.slice(0, -1));
    await page.getByText('this one has 48').waitFor();
    await box.fill(`${ADMIN_KEY.slice(0, 9)}${'0'.repeat(40)}`);
    await page.getByText('Admin key: every bucket').waitFor();
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByText('The server does not know this key').waitFor();
    t.same(await accessibilityFaults(page), [], 'a refusal');
    await signIn(page, ADMIN_KEY);

    await page.getByRole('heading', { name: 'No buckets yet' }).waitFor();
    await page.getByRole('button', { name: 'Make a bucket' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Greenhouse');
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'No sources yet' }).waitFor();
    t.same(await accessibilityFaults(page), [], 'no sources');
    await page.getByRole('button', { name: 'Start the simulated sensor' }).click();
    await page.getByText('sends a point a second').waitFor();
    await atRest(page);
    t.equal(await page.locator('figure.chart').count(), 3);
    await page.getByRole('button', { name: 'live', exact: true }).waitFor();

    await page.getByRole('button', { name: /^Range/ }).click();
    await page.getByRole('button', { name: 'Last 5 minutes' }).click();
    const made = page.locator('.chart-made').first();
    const value = page.locator('.source-line .value');
    const count = async () => Number(/\d+/.exec(String(await made.textContent())));
    await page
      .getByText(/^raw, all \d+ points/)
      .first()
      .waitFor();
    const [countBefore, valueBefore] = [await count(), String(await value.textContent())];
    await becomes(page, `more than ${countBefore} points`, async () => (await count()) > countBefore);
    await becomes(page, 'another value', async () => (await value.textContent()) !== valueBefore);
    let sent = 0;
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    page.on('request', request => {
      if (request.method() === 'POST' && request.url().endsWith('/api/data')) sent++;
    });
    t.equal(await page.getByText('sends a point a second').count(), 0);
    t.same(await accessibilityFaults(page), [], 'live');
    await page.getByRole('button', { name: 'Your key' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    t.equal(await page.evaluate('sessionStorage.length'), 0, 'the key is forgotten');
    await page.reload();
    await page.getByLabel('API key').waitFor();
    t.equal(sent, 0, 'what was stopped sends nothing');
  });
}

interface Home {
  /** A day of two units. */
  readonly bucketId: string;
  /** One source, without a point. */
  readonly emptyId: string;
  /** All points are a week old. */
  readonly oldId: string;
  readonly keys: Readonly<Record<'write' | 'read', string>>;
}

async function makeHome({ client }: RunningServer): Promise<Home> {
  const make = async (name: string, startTime: number | undefined) => {
    const { bucket } = await client.json<{ bucket: Created }>('POST', '/api/buckets', { name });
    const path = `/api/buckets/${bucket._id}`;
    const schema = {
      temperature: { type: 'number', unit: '°C' },
      humidity: { type: 'number', unit: '%' },
    };
    const { dataSource } = await client.json<{ dataSource: Created }>('POST', `${path}/sources`, {
      name: 'North bed',
      schema,
    });
    if (startTime !== undefined) {
      const timestamps = Array.from({ length: DAY / MINUTE }, (_, row) => startTime + row * MINUTE);
      const temperature = timestamps.map((_, row) => 20 + 5 * Math.sin(row / 200));
      const humidity = timestamps.map((_, row) => 60 + 9 * Math.cos(row / 200));
      const columns = { dataSourceId: dataSource._id, timestamps, values: { temperature, humidity } };
      await client.json('POST', '/api/data/batch', { bucketId: bucket._id, columns });
    }
    return bucket._id;
  };
  const bucketId = await make('Home', Date.now() - DAY);
  const emptyId = await make('Empty', undefined);
  const oldId = await make('Old', Date.now() - 7 * DAY);
  const key = async (type: 'write' | 'read') => {
    const path = `/api/buckets/${bucketId}/keys`;
    const { apiKey } = await client.json<{ apiKey: { key: string } }>('POST', path, { name: type, type });
    return apiKey.key;
  };
  return { bucketId, emptyId, oldId, keys: { write: await key('write'), read: await key('read') } };
}

async function kindsOfKeys(
  t: Test,
  browser: Browser,
  { server }: RunningServer,
  { keys }: Home,
): Promise<void> {
  await onPage(t, browser, server.origin, {}, async page => {
    await page.goto('/');
    for (const kind of ['write', 'read'] as const) {
      await page.getByLabel('API key').fill(keys[kind]);
      await page.getByText(kind === 'write' ? 'Write key: one bucket' : 'Read key: one bucket').waitFor();
      await signIn(page, keys[kind]);
      await atRest(page);
      t.equal(await page.getByText('Home', { exact: true }).count(), 1, 'its bucket');
      const changes = page.getByRole('button', { name: /^Panel$|^Move / });
      t.equal((await changes.count()) > 0, kind === 'write', `${kind}: what changes panels`);
      await page.getByRole('button', { name: 'Your key' }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
    }
  });
}

async function noPoints(
  t: Test,
  browser: Browser,
  { server, client }: RunningServer,
  { emptyId, oldId }: Home,
): Promise<void> {
  await onPage(t, browser, server.origin, {}, async page => {
    await page.goto(`/?bucket=${emptyId}`);
    await signIn(page, ADMIN_KEY);
    await page.getByRole('heading', { name: 'No points yet' }).waitFor();
    t.same(await accessibilityFaults(page), [], 'no points');
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByText('Command copied').waitFor();
    const command = (await page.evaluate('navigator.clipboard.readText()')) as string;
    const body = /-d '(.*)'$/.exec(command)?.[1] ?? '';
    await page.getByRole('button', { name: 'live', exact: true }).waitFor();
    await client.json('POST', '/api/data', JSON.parse(body));
    await page.locator('figure.chart').first().waitFor();
    t.pass('a point that is sent as it says shows by itself');

    await page.goto(`/?bucket=${oldId}`);
    const last = page.getByRole('button', { name: 'Show the last' }).first();
    await last.waitFor();
    t.same(await accessibilityFaults(page), [], 'no points in the range');
    t.equal(await page.getByText('The last: 6 d ago').count(), 2, 'each chart says it');
    await last.click();
    await page
      .getByText(/^(avg|raw), .* points/)
      .first()
      .waitFor();
    await page.goBack();
    await last.waitFor();
  });
}

async function dragAcross(page: Page, from: number, to: number): Promise<void> {
  const { x, y, width } = (await page.locator('.u-over').first().boundingBox())!;
  await page.mouse.move(x + width * from, y + 40);
  await page.mouse.down();
  await page.mouse.move(x + width * to, y + 40, { steps: 3 });
  await page.mouse.up();
}

/** What charts write on their canvases. */
const RECORD_TEXTS = `
  globalThis.drawn = {};
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
    globalThis.drawn[text] = rest[0];
    return fillText.call(this, text, ...rest);
  };
`;

async function ranges(
  t: Test,
  browser: Browser,
  { server }: RunningServer,
  { bucketId }: Home,
): Promise<void> {
  await onPage(t, browser, server.origin, { timezoneId: 'UTC' }, async page => {
    await page.addInitScript(RECORD_TEXTS);
    await page.goto(`/?bucket=${bucketId}`);
    await signIn(page, ADMIN_KEY);
    await atRest(page);
    const span = async () => {
      const query = new URL(page.url()).searchParams;
      const [from, to] = [query.get('from'), query.get('to')];
      return from === null || to === null ? undefined : Date.parse(to) - Date.parse(from);
    };
    const spanBecomes = (least: number | undefined, greatest = 0) =>
      page.waitForURL(({ searchParams }) => {
        const [from, to] = [searchParams.get('from'), searchParams.get('to')];
        const span = from === null || to === null ? undefined : Date.parse(to) - Date.parse(from);
        return least === undefined ? span === undefined : span! >= least && span! <= greatest;
      });
    await dragAcross(page, 0.25, 0.75);
    await spanBecomes(0.45 * DAY, 0.55 * DAY);
    const first = await span();
    await page.getByRole('button', { name: 'paused' }).waitFor();
    // What follows within a second is taken for more of the same gesture.
    const begun = Date.now();
    await becomes(page, 'a second later', async () => Date.now() > begun + 1_000);
    await dragAcross(page, 0.25, 0.75);
    await spanBecomes(0.2 * DAY, 0.3 * DAY);
    const second = await span();
    await page.goBack();
    t.equal(await span(), first, 'back');
    await page.goForward();
    t.equal(await span(), second, 'forward');
    await page.reload();
    await atRest(page);
    await page.keyboard.press('Escape');
    await spanBecomes(first, first);
    t.pass('Esc goes to the range before, after a reload, too');
    await page.goForward();
    await spanBecomes(second, second);
    await page.goBack();
    await spanBecomes(first, first);
    const { x, y } = (await page.locator('.u-over').first().boundingBox())!;
    await page.mouse.dblclick(x + 80, y + 40);
    await spanBecomes(undefined);
    t.pass('so does a double click');
    await page.keyboard.press('Escape');
    t.equal(await span(), undefined, 'there is nothing before that');
    await atRest(page);

    await page.mouse.move(x + 200, y + 60);
    await page.locator('.chart-head time').nth(1).waitFor();
    const times = await page.locator('.chart-head time').allTextContents();
    t.equal(times.length, 2, 'one cursor over both');
    t.equal(times[0], times[1]);
    t.equal(await page.locator('.chart-cursor:visible').count(), 2);

    /** Where the hours stand on the axis. */
    const hours = async () =>
      Object.entries((await page.evaluate('drawn')) as Record<string, number>).filter(([text]) =>
        /^\d\d:00$/.test(text),
      );
    const before = new Map(await hours());
    await page.getByRole('button', { name: /^Time zone/ }).click();
    await page.getByLabel('Search time zones').fill('Adelaide');
    await page.getByRole('button', { name: 'Australia/Adelaide' }).click();
    await page.waitForURL(/tz=Australia\/Adelaide/);
    await becomes(page, 'hours of the zone', async () =>
      (await hours()).some(([text, left]) => Math.abs(left - (before.get(text) ?? left)) > 50),
    );
    await page.mouse.move(x + 201, y + 60);
    const time = page.locator('.chart-head time').first();
    const hour = times[0].slice(0, 13);
    await becomes(page, 'a time of the zone', async () => (await time.textContent())?.slice(0, 13) !== hour);
    await page.goBack();
    await page.waitForURL(url => !url.searchParams.has('tz'));
  });
}

async function byKeyboard(
  t: Test,
  browser: Browser,
  { server }: RunningServer,
  { bucketId }: Home,
): Promise<void> {
  await onPage(t, browser, server.origin, {}, async page => {
    const { keyboard } = page;
    await page.goto(`/?bucket=${bucketId}`);
    await page.locator('input:focus').waitFor();
    await keyboard.insertText(ADMIN_KEY);
    await keyboard.press('Enter');
    await atRest(page);
    for (let tabs = 0; tabs < 60 && (await page.locator('.chart-plot:focus').count()) === 0; tabs++) {
      await keyboard.press('Tab');
    }
    t.equal(await page.locator('.chart-plot:focus').count(), 1, 'Tab reaches a chart');
    await keyboard.press('+');
    await page.waitForURL(/from=/);
    await keyboard.press('Escape');
    await page.waitForURL(url => !url.searchParams.has('from'));
    await keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await keyboard.press('/');
    await page.locator('.source-search:focus').waitFor();
    await keyboard.insertText('south');
    await page.getByText('No source is called that.').waitFor();
  });
}

async function narrow(
  t: Test,
  browser: Browser,
  { server }: RunningServer,
  { bucketId, emptyId, oldId }: Home,
): Promise<void> {
  await onPage(t, browser, server.origin, { viewport: { width: 360, height: 740 } }, async page => {
    await page.goto('/');
    const fits = async (what: string) =>
      t.notOk(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), `${what} fits`);
    await fits('sign-in');
    await signIn(page, ADMIN_KEY);
    for (const id of [emptyId, oldId, bucketId]) {
      await page.goto(`/?bucket=${id}`);
      await atRest(page);
      await fits(id);
    }
    const isCut = await page
      .locator('.chart-made')
      .first()
      .evaluate(line => line.scrollWidth > line.clientWidth || line.scrollHeight > line.clientHeight);
    t.notOk(isCut, 'how it was drawn is told whole');
    t.notOk(await page.locator('.source-search').isVisible());
    await page.keyboard.press('/');
    await page.locator('.source-search:focus').waitFor();
    await fits('sources');
    t.same(await accessibilityFaults(page), []);
  });
}

async function everythingOpen(
  t: Test,
  browser: Browser,
  { server }: RunningServer,
  { bucketId }: Home,
  options: PageOptions,
): Promise<void> {
  await onPage(t, browser, server.origin, options, async page => {
    const faults = options.colorScheme === 'dark' ? contrastFaults : accessibilityFaults;
    const check = async (what: string) => t.same(await faults(page), [], what);
    await page.goto(`/?bucket=${bucketId}`);
    await page.getByLabel('API key').waitFor();
    await check('sign-in');
    await signIn(page, ADMIN_KEY);
    await atRest(page);
    for (const name of [/^Bucket/, /^Dashboard/, /^Range/, /^Time zone/, /^What to do with/]) {
      await page.getByRole('button', { name }).first().click();
      await page.locator('.popover-content').waitFor();
      await check(String(name));
      await page.keyboard.press('Escape');
      await page.locator('.popover-content').waitFor({ state: 'detached' });
    }
    for (const [key, name] of [
      ['?', 'Keys'],
      ['n', 'New panel'],
    ]) {
      await page.keyboard.press(key);
      await page.getByRole('dialog', { name }).waitFor();
      await check(name);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    const ask = async (action: string, title: string | RegExp) => {
      await page.getByRole('button', { name: /^Dashboard/ }).click();
      await page.getByRole('button', { name: action }).click();
      await page.getByRole('dialog', { name: title }).waitFor();
    };
    await ask('Save as…', 'Save as');
    await page.getByRole('dialog').getByLabel('Name').fill('Beds');
    await check('Save as');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await ask('Rename…', 'Rename');
    await page.keyboard.press('Escape');
    await ask('Delete…', /Delete Beds/);
    await check('Delete');
    await page.getByRole('button', { name: 'Delete dashboard' }).click();
    await page.getByRole('button', { name: /Overview/ }).waitFor();
  });
}
