/** Keys that come and go, and answers that come late, twice, or not to their end. */
import type { Browser, Page, Route } from 'playwright-core';
import t, { type Test } from 'tap';
import { ADMIN_KEY } from '../../../bench/server-process.js';
import { noBrowser, onPage, openBrowser, type PageOptions } from '../../support/browser.js';
import { fillHouse, type House } from '../../support/house.js';
import { type RunningServer, runServer } from '../../support/running-server.js';

const KEY_OF_NOBODY = `dakkio_r_${'ä'.repeat(40)}`;

interface Dashboard {
  readonly _id: string;
  readonly name: string;
  readonly revision: number;
  readonly panels: readonly { readonly title: string; readonly height: string }[];
}

t.test('sessions', { skip: noBrowser }, async t => {
  const running = await runServer(t);
  const house = await fillHouse(running.client);
  const browser = await openBrowser(t);
  await t.test('addresses and keys that are none', t => nothingOpens(t, browser, running));
  await t.test('who signs out leaves nothing behind', t => signOut(t, browser, running, house));
  await t.test('a simulated sensor stops with its bucket', t => sensorStops(t, browser, running));
  await t.test('one write at a time', t => writes(t, browser, running, house));
  await t.test('slow answers pull nobody back', t => slowAnswers(t, browser, running, house));
  await t.test('what is saved of a chart is whole, or told', t => exportsOf(t, browser, running, house));
  // The server does not live through it.
  await t.test('a stream that breaks off', t => brokenStream(t, browser, running, house));
});

async function nothingOpens(t: Test, browser: Browser, { server }: RunningServer): Promise<void> {
  await onPage(t, browser, server.origin, {}, async page => {
    await page.goto('/playground#%');
    await page.getByRole('button', { name: /^Send/ }).waitFor();
    await page.goto('/');
    await page.getByLabel('API key').fill(KEY_OF_NOBODY);
    await page.getByText('After that come letters from a to z and digits only').waitFor();
  });
}

async function signOut(t: Test, browser: Browser, running: RunningServer, house: House): Promise<void> {
  const { server, client } = running;
  const { dashboard } = await createDashboard(running, house, 'Secret plans');
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name: 'Shed' });
  const { apiKey } = await client.json<{ apiKey: { key: string } }>(
    'POST',
    `/api/buckets/${bucket._id}/keys`,
    { name: 'Shed', type: 'read' },
  );
  await onPage(t, browser, server.origin, {}, async page => {
    await page.clock.install();
    await page.goto('/playground');
    await page.locator('.key-button').click();
    await page.locator('.key-form input').fill(ADMIN_KEY);
    await page.getByRole('button', { name: 'Use', exact: true }).click();
    await page.locator('dialog').waitFor({ state: 'detached' });

    await page.goto(`/?bucket=${bucket._id}`);
    await page.getByRole('button', { name: 'Start the simulated sensor' }).click();
    await page.getByText('sends a point a second').waitFor();
    await page.getByRole('button', { name: /^Bucket/ }).click();
    await page.locator('.popover-content .item', { hasText: 'House' }).click();
    await chooseDashboard(page, 'Overview', dashboard.name);
    await page.getByRole('heading', { name: 'Plan', level: 3 }).waitFor();
    await page.getByRole('button', { name: 'Your key' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    t.equal(await page.evaluate('sessionStorage.length'), 0, 'nor those of the playground');
    t.equal(new URL(page.url()).search, '', 'the address names nothing');
    let sent = 0;
    page.on('request', () => sent++);
    await page.clock.runFor(5_000);
    t.equal(sent, 0, 'the sensor has stopped');

    await page.getByLabel('API key').fill(apiKey.key);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('button', { name: 'Dashboard Overview' }).waitFor();
    t.notMatch(await page.locator('body').innerText(), /Secret plans|Plan\b|House/);
  });
}

async function sensorStops(t: Test, browser: Browser, running: RunningServer): Promise<void> {
  const { client } = running;
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', {
    name: 'Attic',
  });
  await onBoard(t, browser, running, `/?bucket=${bucket._id}`, { expected: /status of 409/ }, async page => {
    await page.getByRole('button', { name: 'Start the simulated sensor' }).click();
    await page.getByText('sends a point a second').waitFor();
    await client.json('PATCH', `/api/buckets/${bucket._id}`, { status: 'archived' });
    await page.getByText('Simulated sensor has stopped: ').waitFor();
    t.equal(await page.getByText('sends a point a second').count(), 0);
  });
}

async function writes(t: Test, browser: Browser, running: RunningServer, house: House): Promise<void> {
  const { client } = running;
  const { dashboard } = await createDashboard(running, house, 'Ours');
  const { _id } = dashboard;
  const address = `/?bucket=${house.bucketId}&dashboard=${_id}`;
  const read = async () =>
    (await client.json<{ dashboard: Dashboard }>('GET', `/api/dashboards/${_id}`)).dashboard;
  await onBoard(t, browser, running, address, { expected: /status of (409|500)/ }, async page => {
    const save = page.getByRole('button', { name: 'Save', exact: true });
    const dialog = page.getByRole('dialog');
    await choosePanel(page, 'Make it small');
    await save.dblclick();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByText('unsaved changes').waitFor({ state: 'detached' });
    t.equal(await dialog.count(), 0);
    t.match(await read(), { revision: 2, panels: [{ height: 'small' }] });

    await page.route('**/api/dashboards?*', route => route.fulfill({ status: 500, body: '{}' }));
    await choosePanel(page, 'Make it tall');
    await save.click();
    await page.getByText('unsaved changes').waitFor({ state: 'detached' });
    await choosePanel(page, 'Make it normal');
    await save.click();
    await page.getByText('unsaved changes').waitFor({ state: 'detached' });
    await page.unroute('**/api/dashboards?*');
    t.match(await read(), { revision: 4, panels: [{ height: 'normal' }] }, 'the list is another thing');

    const [panel] = dashboard.panels;
    await client.json('PATCH', `/api/dashboards/${_id}`, { panels: [{ ...panel, title: 'Theirs' }] });
    await chooseDashboard(page, 'Ours', 'Rename…');
    await dialog.getByLabel('Name').fill('Mine');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await dialog.getByText('Somebody has saved Ours').waitFor();
    t.match(await read(), { name: 'Ours', revision: 5, panels: [{ title: 'Theirs' }] });
    await dialog.getByRole('button', { name: 'Save mine as…' }).click();
    t.equal(await dialog.getByLabel('Name').inputValue(), 'Mine');
  });
}

async function slowAnswers(t: Test, browser: Browser, running: RunningServer, house: House): Promise<void> {
  const { dashboard: slow } = await createDashboard(running, house, 'Slow');
  await createDashboard(running, house, 'Quick');
  await onBoard(t, browser, running, `/?bucket=${house.bucketId}`, {}, async page => {
    const board = (name: string) => page.getByRole('button', { name: `Dashboard ${name}`, exact: true });
    const path = `**/api/dashboards/${slow._id}`;
    let held = await hold(page, path);
    await chooseDashboard(page, 'Overview', 'Slow');
    const opening = await held.come;
    await chooseDashboard(page, 'Overview', 'Quick');
    await board('Quick').waitFor();
    await answer(page, opening);
    t.ok(await board('Quick').isVisible(), 'what was chosen last is open');

    await page.unroute(path);
    await chooseDashboard(page, 'Quick', 'Slow');
    await board('Slow').waitFor();
    await choosePanel(page, 'Make it small');
    held = await hold(page, path);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const saving = await held.come;
    t.ok(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled());
    await chooseDashboard(page, 'Slow', 'Quick');
    await board('Quick').waitFor();
    await choosePanel(page, 'Make it tall');
    await answer(page, saving);
    await page.getByText('Saved', { exact: true }).waitFor();
    t.ok(await board('Quick').isVisible());
    t.ok(await page.getByText('unsaved changes').isVisible(), 'its changes stay');
  });
}

async function exportsOf(t: Test, browser: Browser, running: RunningServer, house: House): Promise<void> {
  const { dashboard } = await createDashboard(running, house, 'Export');
  const address = `/?bucket=${house.bucketId}&dashboard=${dashboard._id}&from=now-2h`;
  await onBoard(t, browser, running, address, { expected: /ERR_FAILED/ }, async page => {
    await page.locator('.chart-plot[aria-busy="false"] canvas').first().waitFor();
    const path = '**/api/data/query';
    // The last values are asked for, too: without them there are no sources either.
    const isOfChart = (route: Route) => !route.request().postData()?.includes('"last"');
    await page.route(path, route => (isOfChart(route) ? route.abort() : route.continue()));
    await page.reload();
    await page.locator('figure .failure').waitFor();
    let downloads = 0;
    page.on('download', () => downloads++);
    await choosePanel(page, 'Save as CSV');
    await page.locator('.notices p', { hasText: 'The server does not answer' }).waitFor();
    t.equal(downloads, 0);

    await page.unroute(path);
    const { come } = await hold(page, path, isOfChart);
    await page.locator('figure .failure').getByRole('button').click();
    const asking = await come;
    await choosePanel(page, 'Save as CSV');
    const [download] = await Promise.all([page.waitForEvent('download'), asking.continue()]);
    t.equal(download.suggestedFilename(), 'Plan.csv');
  });
}

async function brokenStream(t: Test, browser: Browser, running: RunningServer, house: House): Promise<void> {
  const { server } = running;
  const expected = /ERR_INCOMPLETE|ERR_CONNECTION|ERR_EMPTY|status of/;
  await onPage(t, browser, server.origin, { expected }, async page => {
    await page.addInitScript(`sessionStorage.setItem('dakkio.key', '${ADMIN_KEY}')`);
    await page.goto('/playground#getApiDataStream');
    await page.locator('.parameter input').first().fill(house.bucketId);
    await page.getByRole('button', { name: /^Send/ }).click();
    await page.getByText('Listening.').waitFor();
    await server.end('SIGKILL');
    await page.getByText('The connection broke off before the end').waitFor();
    await page.locator('.status .badge.bad', { hasText: 'broken off' }).waitFor();
    await page.getByRole('button', { name: /^Send/ }).waitFor();
    t.equal(await page.locator('.sent li').count(), 1, 'it stands under what was sent');
  });
}

function createDashboard({ client }: RunningServer, { bucketId, northId }: House, name: string) {
  const series = [{ dataSourceId: northId, field: 'temperature' }];
  const look = { kind: 'chart', width: 'full', height: 'normal', drawing: 'band' };
  const panels = [{ id: 'a', title: 'Plan', ...look, series }];
  return client.json<{ dashboard: Dashboard }>('POST', '/api/dashboards', { bucketId, name, panels });
}

/** A page that is signed in. */
function onBoard(
  t: Test,
  browser: Browser,
  { server }: RunningServer,
  address: string,
  options: PageOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  return onPage(t, browser, server.origin, options, async page => {
    await page.addInitScript(`sessionStorage.setItem('dakkio.key', '${ADMIN_KEY}')`);
    await page.goto(address);
    await use(page);
  });
}

/** Of the menu of dashboards, while one of them is shown. */
async function chooseDashboard(page: Page, shown: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `Dashboard ${shown}`, exact: true }).click();
  await page.locator('.popover-content .item', { hasText: item }).click();
}

/** Of the menu of the one panel. */
async function choosePanel(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'What to do with Plan' }).click();
  await page.getByRole('button', { name: item, exact: true }).click();
}

interface Held {
  /** The first request that comes: it waits until it is let go. */
  readonly come: Promise<Route>;
}

async function hold(page: Page, path: string, isMeant = (_route: Route) => true): Promise<Held> {
  let take: ((route: Route) => void) | undefined;
  const come = new Promise<Route>(resolve => {
    take = resolve;
  });
  await page.route(path, route => {
    if (take === undefined || !isMeant(route)) return route.continue();
    take(route);
    take = undefined;
  });
  return { come };
}

/** Lets a held request go, and waits until the page has its answer. */
async function answer(page: Page, route: Route): Promise<void> {
  const request = route.request();
  await Promise.all([page.waitForEvent('requestfinished', one => one === request), route.continue()]);
  await page.evaluate('new Promise(requestAnimationFrame)');
}
