/** The explorer in a browser, with what a server really holds. */
import t from 'tap';
import { accessibilityFaults, noBrowser, openBrowser } from '../../support/browser.js';
import { type Explored, HOSTILE_NAME, onExplorer, runExplored } from '../../support/explorer.js';

interface View {
  readonly path: (explored: Explored) => string;
  /** What is there when it is whole. */
  readonly text: string;
  readonly isForAdmins?: boolean;
}

const VIEWS: readonly View[] = [
  { path: () => 'sources', text: '31.5 °C' },
  { path: ({ sourceId }) => `source/${sourceId}`, text: '31.5' },
  { path: () => 'storage', text: 'Points by 3 hours' },
  { path: () => 'alerts', text: 'temperature > 30' },
  { path: () => 'keys', text: 'Last used', isForAdmins: true },
  { path: () => 'buckets', text: 'for ever', isForAdmins: true },
];

t.test('explorer', { skip: noBrowser }, async t => {
  const explored = await runExplored(t);
  const browser = await openBrowser(t);
  const { client, bucketId, sourceId, readKey } = explored;

  await t.test('each view is whole, for everybody, in both themes, on a phone', async t => {
    for (const [colorScheme, width] of [
      ['light', 1_280],
      ['dark', 360],
    ] as const) {
      const options = { colorScheme, viewport: { width, height: 740 } };
      await onExplorer(t, browser, explored, options, async ({ page, show }) => {
        for (const { path, text } of VIEWS) {
          const view = path(explored);
          await show(view);
          await page.locator('.explore').getByText(text).first().waitFor();
          if (view === 'alerts') {
            await page.locator('.explore .rule').click();
            await page.getByRole('cell', { name: 'fired' }).waitFor();
          }
          t.same(await accessibilityFaults(page), [], `${view} ${colorScheme}`);
          const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
          t.notOk(isWide, `${view} fits in ${width}`);
          t.ok((await page.getByText(HOSTILE_NAME).count()) > 0, `a name is text in ${view}`);
        }
      });
    }
  });

  await t.test('a Read key sees everything it may, and no button that changes anything', async t => {
    await onExplorer(t, browser, explored, { key: readKey }, async ({ page, show }) => {
      for (const { path, text, isForAdmins } of VIEWS) {
        const view = path(explored);
        await show(view);
        if (isForAdmins) {
          await page.getByText(`Only Admin keys see ${view}`).waitFor();
          continue;
        }
        await page.locator('.explore').getByText(text).first().waitFor();
        if (view === 'alerts') await page.locator('.explore .rule').click();
        const changes = page
          .locator('.explore')
          .getByRole('button', { name: /add|edit|delete|create|pause|upload|choose/i });
        t.equal(await changes.count(), 0, view);
      }
      t.equal(await page.getByRole('link', { name: 'Keys' }).count(), 0);
    });
  });

  // One page for all of these: signing in takes longer than most of them.
  const expected = /status of 400/;
  await onExplorer(t, browser, explored, { expected }, async ({ page, show }) => {
    await t.test('a key is made, shown once, works, and is revoked', async t => {
      await show('keys');
      await page.getByRole('button', { name: 'Create key' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Name').fill('Gateway');
      await dialog.getByLabel('Type').selectOption('read');
      t.same(await accessibilityFaults(page), []);
      await dialog.getByRole('button', { name: 'Create key' }).click();
      const key = (await page.locator('dialog .secret code').textContent()) as string;
      t.match(key, /^dakkio_r_[a-z0-9]{40}$/);
      await page.keyboard.press('Escape');
      await dialog.getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Key copied').waitFor();
      t.equal(await page.evaluate('navigator.clipboard.readText()'), key);
      t.same(await accessibilityFaults(page), []);
      await dialog.getByRole('button', { name: 'I have kept it' }).click();
      const asks = () => fetch(`${explored.server.origin}/api/key`, { headers: { 'X-API-Key': key } });
      t.equal((await asks()).status, 200);
      t.notOk((await page.content()).includes(key), 'it is gone from the page');
      await page.getByRole('button', { name: 'Revoke Gateway' }).click();
      await dialog.getByText(key.slice(0, 13)).waitFor();
      await dialog.getByRole('button', { name: 'Revoke' }).click();
      await page.getByText('Gateway revoked').waitFor();
      t.equal((await asks()).status, 401);
    });

    await t.test('a rule is written with its mistakes shown, made, paused and deleted', async t => {
      await show(`source/${sourceId}`);
      await page.getByRole('button', { name: 'Add rule' }).click();
      const dialog = page.getByRole('dialog');
      const sentence = dialog.getByLabel('It fires when');
      await dialog.getByLabel('Name').fill('Cold');
      await sentence.fill('temprature is less than 22');
      t.equal(await dialog.locator('mark').textContent(), 'temprature');
      await dialog.getByText('did you mean "temperature"?').waitFor();
      t.same(await accessibilityFaults(page), []);
      await sentence.fill('temperature is less than 22');
      await dialog.getByText('it would have fired 1 time').waitFor();
      await dialog.getByRole('button', { name: 'Add rule' }).click();
      await page.getByRole('button', { name: /Cold/ }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: /^Paused/ }).waitFor();
      const { alertRules } = await client.json<{ alertRules: { name: string; status: string }[] }>(
        'GET',
        `/api/buckets/${bucketId}/alerts`,
      );
      t.equal(alertRules.find(({ name }) => name === 'Cold')?.status, 'paused');
      await page.locator('.rule-details').getByRole('button', { name: 'Delete' }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: /Cold/ }).waitFor({ state: 'detached' });
    });

    await t.test('sources are searched, made, changed and deleted', async t => {
      const dialog = page.getByRole('dialog');
      await show('sources');
      await page.getByRole('button', { name: 'Add source' }).click();
      await dialog.getByLabel('Name', { exact: true }).fill('Pump');
      await dialog.getByLabel('Name of field 1').fill('pressure');
      await dialog.getByLabel('Unit of field 1').fill('hPa');
      await dialog.getByRole('button', { name: 'Add source' }).click();
      await page.getByRole('heading', { name: 'Pump' }).waitFor();
      await page.getByRole('button', { name: 'Edit field pressure' }).click();
      await dialog.getByLabel('Unit').fill('bar');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('cell', { name: 'bar' }).waitFor();
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await dialog.getByLabel('Archived').check();
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText('archived: it takes no points').waitFor();
      t.equal(await page.getByText('CSV upload').count(), 0);
      await show('sources');
      await page.locator('.explore').getByRole('searchbox').fill('pressure');
      await page.locator('.explore').getByText(HOSTILE_NAME).first().waitFor({ state: 'detached' });
      await page.locator('.explore').getByRole('link', { name: 'Pump' }).click();
      await page.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'Sources', level: 1 }).waitFor();
      await page.locator('.explore').getByRole('link', { name: 'Pump' }).waitFor({ state: 'detached' });
    });

    await t.test('buckets are made, archived, and deleted by whoever writes their name', async t => {
      await show('buckets');
      const dialog = page.getByRole('dialog');
      await page.getByRole('button', { name: 'Create bucket' }).click();
      await dialog.getByLabel('Name').fill('Cellar');
      await dialog.getByLabel('Days for which').fill('30');
      await dialog.getByRole('button', { name: 'Create bucket' }).click();
      await page.getByRole('cell', { name: '30 days' }).waitFor();
      await page.getByRole('button', { name: 'Edit Cellar' }).click();
      await dialog.getByLabel('Archived').check();
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByText('archived', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Delete Cellar' }).click();
      await dialog.getByText('with 0 points of 0 sources, 0 keys').waitFor();
      await dialog.getByLabel('Its name').fill('Celar');
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await dialog.getByText('That is not its name').waitFor();
      await dialog.getByLabel('Its name').fill('Cellar');
      await dialog.getByRole('button', { name: 'Delete' }).click();
      await page.getByText('Cellar deleted').waitFor();
      const { buckets } = await client.json<{ buckets: { _id: string }[] }>('GET', '/api/buckets');
      t.same(
        buckets.map(({ _id }) => _id),
        [bucketId],
      );
    });
  });
});
