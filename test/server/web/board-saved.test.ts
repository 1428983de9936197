/** Dashboards that are kept: over a crash, for others, against others, and whatever they are called. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Download, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { Client } from '../../../bench/client.js';
import { freePort } from '../../../bench/peers/process.js';
import { ADMIN_KEY, ServerProcess } from '../../../bench/server-process.js';
import type { Panel } from '../../../server/web/board/panel.js';
import {
  accessibilityFaults,
  noBrowser,
  onPage,
  openBrowser,
  type PageOptions,
} from '../../support/browser.js';
import { HOSTILE_NAME } from '../../support/explorer.js';
import { fillHouse, HOSTILE_FIELD, type House } from '../../support/house.js';

interface Saved {
  readonly _id: string;
  readonly name: string;
  readonly revision: number;
  readonly panels: readonly Panel[];
}

t.test('dashboards that are kept', { skip: noBrowser }, async t => {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-saved-'));
  // Not of the system's choice: only ports that are asked for can be had again at once.
  const port = ['--port', String(await freePort())];
  let server = await ServerProcess.start(directory, [], port);
  t.teardown(async () => {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const { origin } = server;
  const client = new Client(origin, ADMIN_KEY, 2);
  t.teardown(() => client.close());
  const house = await fillHouse(client);
  const { bucketId, northId, hostileId, readKey } = house;
  const browser = await openBrowser(t);
  const list = `/api/dashboards?bucketId=${bucketId}`;
  const read = async (id: string) =>
    (await client.json<{ dashboard: Saved }>('GET', `/api/dashboards/${id}`)).dashboard;
  const names = async () =>
    (await client.json<{ dashboards: Saved[] }>('GET', list)).dashboards.map(({ name }) => name);
  const create = async (body: object) =>
    (await client.json<{ dashboard: Saved }>('POST', '/api/dashboards', { bucketId, ...body })).dashboard;
  /** A page that is signed in and shows panels. */
  const onBoard = (
    t: Test,
    address: string,
    { key = ADMIN_KEY, ...options }: PageOptions & { readonly key?: string },
    use: (page: Page) => Promise<void>,
  ) =>
    onPage(t, browser as Browser, origin, { timezoneId: 'UTC', ...options }, async page => {
      page.on('dialog', dialog => t.fail(`a script of a name ran: ${dialog.message()}`));
      await page.addInitScript(`sessionStorage.setItem('dakkio.key', '${key}')`);
      await page.goto(address);
      await use(page);
    });

  let link = '';
  let shown: string[] = [];
  await t.test('made by the editor, moved and resized by keyboard, saved, there after a crash', async t => {
    const expected = /ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY/;
    const options = { expected, timezoneId: 'Asia/Tokyo' };
    await onBoard(t, `/?bucket=${bucketId}&from=now-6h`, options, async page => {
      await panelOf(page, 'temperature °C').waitFor();
      await addPanel(page, { Title: 'Warmth', Kind: 'chart' }, 'North temperature');
      await addPanel(page, { Title: 'Peak', Kind: 'stat', Figure: 'max' }, 'North temperature');
      await addPanel(page, { Title: 'Rows', Kind: 'table', Width: 'full' }, 'North temperature');
      await page.getByRole('button', { name: /^Move Rows/ }).focus();
      await page.keyboard.press('ArrowUp');
      await choose(page, 'Warmth', 'Full width');
      await choose(page, 'Warmth', 'Make it tall');
      await page.getByText('unsaved changes').waitFor();
      t.same(await accessibilityFaults(page), []);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('dialog').getByLabel('Name').fill('Home');
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
      shown = await panelsOf(page);
      t.same(shown.slice(-3), ['Warmth chart full', 'Rows table full', 'Peak stat half']);

      await server.end('SIGKILL');
      server = await ServerProcess.start(directory, [], port);
      t.equal(server.origin, origin);
      await page.reload();
      await panelOf(page, 'Peak').getByText('26').waitFor();
      t.same(await panelsOf(page), shown);
      const saved = await read(new URL(page.url()).searchParams.get('dashboard') as string);
      t.match(saved, { name: 'Home', range: { from: 'now-6h', to: 'now' }, live: true, revision: 1 });
      t.equal(saved.panels.find(({ title }) => title === 'Warmth')?.height, 'tall');

      await page.getByRole('button', { name: 'Dashboard Home' }).click();
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByText('Link copied').waitFor();
      link = (await page.evaluate('navigator.clipboard.readText()')) as string;
    });
    t.match(link, /dashboard=[0-9a-f]{24}/);
    t.notMatch(link, /dakkio_/);
  });

  await t.test('a link asks for a key, and shows the same: to a Read key without any change', async t => {
    await onPage(t, browser, origin, { timezoneId: 'UTC', expected: /status of 403/ }, async page => {
      const addresses: string[] = [];
      page.on('request', request => addresses.push(request.url()));
      await page.goto(link);
      await page.getByLabel('API key').fill(readKey);
      await page.getByRole('button', { name: 'Open' }).click();
      await panelOf(page, 'Peak').getByText('26').waitFor();
      t.same(await panelsOf(page), shown);
      await page.getByRole('button', { name: 'Range Last 6 hours' }).waitFor();
      await page.getByRole('button', { name: 'Time zone Asia/Tokyo' }).waitFor();
      t.notOk([...addresses, page.url()].some(address => address.includes('dakkio_')));

      t.equal(await page.getByRole('button', { name: /^(Move|Save|Panel|Discard)/ }).count(), 0);
      t.equal(await page.locator('.sidebar').getByRole('checkbox').count(), 0);
      t.equal(await page.getByRole('link', { name: 'Add source' }).count(), 0);
      await page.getByRole('button', { name: 'What to do with Warmth' }).click();
      t.same(await page.locator('.popover-content .item').allTextContents(), ['Save as CSV', 'Save as PNG']);
      await page.keyboard.press('Escape');
      await page.keyboard.press('n');
      t.equal(await page.getByRole('dialog').count(), 0);
      await page.getByRole('button', { name: 'Dashboard Home' }).click();
      await page.getByText('A Read key shows everything and changes nothing.').waitFor();
      t.same(await page.locator('.actions .item').allTextContents(), ['Copy link']);
      t.same(await accessibilityFaults(page), []);
    });
    const reader = new Client(origin, readKey, 1);
    t.teardown(() => reader.close());
    const id = new URL(link).searchParams.get('dashboard');
    const refused = [
      ['POST', '/api/dashboards', { bucketId, name: 'Mine' }],
      ['PATCH', `/api/dashboards/${id}`, { name: 'Mine' }],
      ['DELETE', `/api/dashboards/${id}`, undefined],
    ] as const;
    for (const [method, path, body] of refused) {
      await t.resolves(reader.json(method, path, body, 403), `${method} is refused`);
    }
    t.same(await names(), ['Home']);
  });

  await t.test('who saves second decides', async t => {
    const panel = chartOf('a', 'Mine', northId, 'temperature');
    const { _id } = await create({ name: 'Shared', panels: [panel] });
    const byAnother = (title: string) =>
      client.json('PATCH', `/api/dashboards/${_id}`, { panels: [{ ...panel, title }] });
    const address = `/?bucket=${bucketId}&dashboard=${_id}`;
    await onBoard(t, address, { expected: /status of 409/ }, async page => {
      const dialog = page.getByRole('dialog');
      const conflict = async (theirs: string) => {
        await choose(page, /./, 'Make it small');
        await byAnother(theirs);
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await dialog.getByText('Somebody has saved Shared').waitFor();
      };
      await conflict('Theirs 1');
      t.same(await accessibilityFaults(page), []);
      await dialog.getByRole('button', { name: 'Open theirs' }).click();
      await panelOf(page, 'Theirs 1').waitFor();
      t.equal(await page.getByText('unsaved changes').count(), 0);

      await conflict('Theirs 2');
      await dialog.getByRole('button', { name: 'Replace theirs' }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
      t.match((await read(_id)).panels, [{ title: 'Theirs 1', height: 'small' }]);

      await choose(page, /./, 'Make it normal');
      await byAnother('Theirs 3');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await dialog.getByRole('button', { name: 'Save mine as…' }).click();
      await dialog.getByLabel('Name').fill('Shared, too');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Dashboard Shared, too' }).waitFor();
      t.match((await read(_id)).panels, [{ title: 'Theirs 3' }]);
      t.same(await names(), ['Home', 'Shared', 'Shared, too']);
    });
  });

  await t.test('renamed, changed and not kept, deleted here and by another', async t => {
    const { _id } = await create({ name: 'Old', panels: [chartOf('a', 'One', northId, 'temperature')] });
    const address = `/?bucket=${bucketId}&dashboard=${_id}`;
    await onBoard(t, address, { expected: /status of 404/ }, async page => {
      const dialog = page.getByRole('dialog');
      const act = async (name: string, action: string) => {
        await page.getByRole('button', { name: `Dashboard ${name}`, exact: true }).click();
        await page.getByRole('button', { name: action }).click();
      };
      await panelOf(page, 'One').waitFor();
      await act('Old', 'Rename…');
      await dialog.getByLabel('Name').fill('New');
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('button', { name: 'Dashboard New' }).waitFor();
      t.match(await read(_id), { name: 'New', revision: 2 });

      await choose(page, 'One', 'Duplicate');
      t.equal(await page.locator('[data-panel]').count(), 2);
      await page.getByRole('button', { name: 'Discard' }).click();
      await page.getByText('unsaved changes').waitFor({ state: 'detached' });
      t.equal(await page.locator('[data-panel]').count(), 1);

      await act('New', 'Delete…');
      await dialog.getByText('Delete New?').waitFor();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      t.equal((await read(_id)).name, 'New');
      await act('New', 'Delete…');
      await dialog.getByRole('button', { name: 'Delete dashboard' }).click();
      await page.getByRole('button', { name: 'Dashboard Overview' }).waitFor();
      t.notOk((await names()).includes('New'));

      await page.goto(address);
      await page.getByRole('heading', { name: 'This dashboard is gone' }).waitFor();
      t.same(await accessibilityFaults(page), []);
      await page.getByRole('button', { name: 'Open the overview' }).click();
      await panelOf(page, 'temperature °C').waitFor();

      const other = await create({ name: 'Other', panels: [chartOf('a', 'One', northId, 'temperature')] });
      await page.goto(`/?bucket=${bucketId}&dashboard=${other._id}`);
      await choose(page, 'One', 'Duplicate');
      await client.json('DELETE', `/api/dashboards/${other._id}`);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Somebody has deleted Other meanwhile').waitFor();
      t.equal(await dialog.getByLabel('Name').inputValue(), 'Other');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText('unsaved changes').waitFor({ state: 'detached' });
      t.equal(await page.locator('[data-panel]').count(), 2);
    });
  });

  await t.test('names are text everywhere, rules are marked, exports are what is shown', async t => {
    const { _id } = await create({ name: HOSTILE_NAME, panels: hostilePanels(house) });
    await onBoard(t, `/?bucket=${bucketId}&dashboard=${_id}&from=now-4h`, {}, async page => {
      const chart = panelOf(page, HOSTILE_NAME).getByRole('img');
      await page.getByRole('heading', { name: HOSTILE_NAME, level: 3 }).first().waitFor();
      const warm = panelOf(page, 'Warm').getByRole('img');
      await page
        .locator('[role=img][aria-label*="Too warm at 25 °C, firing; Too warm fired once"]')
        .waitFor();
      await page.getByRole('link', { name: 'Alerts 1 ▲' }).waitFor();
      await panelOf(page, 'Figures').getByText(`${HOSTILE_NAME} ${HOSTILE_FIELD}`).waitFor();
      await panelOf(page, 'Rows').getByText(`=1+1,"${HOSTILE_NAME}"`).waitFor();
      await chart.hover();
      await panelOf(page, HOSTILE_NAME).locator('time').waitFor();
      await page.getByRole('button', { name: `Dashboard ${HOSTILE_NAME}` }).click();
      await page.getByRole('button', { name: 'Copy link' }).waitFor();
      await page.keyboard.press('Escape');
      await choose(page, 'Rows', 'Edit…');
      await page.getByRole('dialog').getByText(HOSTILE_NAME).first().waitFor();
      t.same(await accessibilityFaults(page), []);
      await page.keyboard.press('Escape');
      t.equal(await page.locator('img, b > b').count(), 0, 'no element of a name');

      const save = async (panel: string, format: string): Promise<Download> => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          choose(page, panel, `Save as ${format}`),
        ]);
        return download;
      };
      const rows = await linesOf(await save('Rows', 'CSV'));
      t.equal(rows.length, 181);
      t.equal(rows[0], `time,source,${HOSTILE_FIELD},note`);
      t.match(rows[1], new RegExp(`Z,${HOSTILE_NAME.replace(/[()]/g, '\\$&')},179,"'=1\\+1,""<img`));
      const warmth = await linesOf(await save('Warm', 'CSV'));
      t.equal(warmth[0], 'time,North temperature (°C)');
      t.equal(warmth.length, 182);
      t.match(warmth.at(-1), /^\d{4}-.*Z,26$/);
      const picture = await save('Warm', 'PNG');
      t.equal(picture.suggestedFilename(), 'Warm.png');
      const bytes = readFileSync(await picture.path());
      t.equal(bytes.subarray(1, 4).toString(), 'PNG');
      t.ok(bytes.readUInt32BE(16) >= ((await warm.boundingBox())?.width ?? Infinity) - 1, 'as wide as shown');

      await page.setViewportSize({ width: 360, height: 740 });
      await page.waitForFunction('document.documentElement.scrollWidth <= innerWidth');
      await page.setViewportSize({ width: 1280, height: 800 });

      await client.json('DELETE', `/api/buckets/${bucketId}/sources/${hostileId}`);
      await page.reload();
      await panelOf(page, 'Rows').getByText('Its source was deleted.').waitFor();
      await panelOf(page, 'Figures').getByText('One of its sources was deleted.').waitFor();
      await panelOf(page, 'Figures').getByRole('button', { name: 'Choose others' }).click();
      await page.getByText('1 of at most 20 chosen').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
      await page.getByText('One of its sources was deleted.').waitFor({ state: 'detached' });
    });
  });
});

function chartOf(id: string, title: string, dataSourceId: string, field: string): Panel {
  const series = [{ dataSourceId, field }];
  return { id, kind: 'chart', title, width: 'full', height: 'normal', drawing: 'band', series };
}

function hostilePanels({ northId, hostileId }: House): Panel[] {
  const hostile = chartOf('a', HOSTILE_NAME, hostileId, HOSTILE_FIELD);
  const warm = chartOf('b', 'Warm', northId, 'temperature');
  const rows = { ...hostile, series: [...hostile.series, { dataSourceId: hostileId, field: 'note' }] };
  return [
    hostile,
    { ...warm, drawing: 'm4' },
    { ...warm, id: 'c', kind: 'stat', title: 'Figures', series: [...warm.series, ...hostile.series] },
    { ...rows, id: 'd', kind: 'table', title: 'Rows' },
  ];
}

function panelOf(page: Page, title: string | RegExp) {
  return page.getByRole('article', { name: title, exact: true }).first();
}

/** In their order: title, kind and width. */
function panelsOf(page: Page): Promise<string[]> {
  return page
    .locator('[data-panel]')
    .evaluateAll(panels =>
      panels.map(panel => `${panel.getAttribute('aria-label')} ${panel.className.replace('panel ', '')}`),
    );
}

async function addPanel(page: Page, given: Readonly<Record<string, string>>, field: string): Promise<void> {
  await page.keyboard.press('n');
  const dialog = page.getByRole('dialog');
  for (const [label, value] of Object.entries(given)) {
    if (label === 'Title') await dialog.getByLabel(label).fill(value);
    else await dialog.getByRole('combobox', { name: label, exact: true }).selectOption(value);
  }
  await dialog.getByRole('checkbox', { name: field }).check();
  await dialog.getByRole('button', { name: 'Add panel' }).click();
  await panelOf(page, given.Title).waitFor();
}

/** Of the menu of a panel. */
async function choose(page: Page, title: string | RegExp, action: string): Promise<void> {
  await panelOf(page, title)
    .getByRole('button', { name: /^What to do with/ })
    .click();
  await page.getByRole('button', { name: action, exact: true }).click();
}

async function linesOf(download: Download): Promise<string[]> {
  return readFileSync(await download.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
}
