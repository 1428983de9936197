/** The dashboards in a browser, with points and answers that come late, or while nobody listened. */
import type { Page } from 'playwright-core';
import t from 'tap';
import { ADMIN_KEY } from '../../../bench/server-process.js';
import { noBrowser, onPage, openBrowser } from '../../support/browser.js';
import { runServer } from '../../support/running-server.js';

interface Created {
  readonly _id: string;
}

interface Home {
  readonly bucketId: string;
  readonly dataSourceId: string;
}

const HOUR_MS = 3_600_000;
const MOVING = '&from=now-5m&to=now';

t.test('late points and late answers', { skip: noBrowser }, async t => {
  const { server, client } = await runServer(t);
  const browser = await openBrowser(t);
  const make = async (name: string): Promise<Home> => {
    const { bucket } = await client.json<{ bucket: Created }>('POST', '/api/buckets', { name });
    const path = `/api/buckets/${bucket._id}/sources`;
    const body = { name: `${name} sensor`, schema: { heat: { type: 'number' } } };
    const { dataSource } = await client.json<{ dataSource: Created }>('POST', path, body);
    const home = { bucketId: bucket._id, dataSourceId: dataSource._id };
    for (let heat = 1; heat <= 5; heat++) await store(home, heat);
    return home;
  };
  const store = (home: Home, heat: number, timestamp = Date.now()) =>
    client.json('POST', '/api/data', { ...home, timestamp, values: { heat } });
  const north = await make('North');
  const south = await make('South');
  const dashboard = async (name: string, kind: string, live: boolean) => {
    const series = [{ dataSourceId: north.dataSourceId, field: 'heat' }];
    const panels = [{ id: 'p1', kind, title: name, width: 'full', height: 'normal', series }];
    const body = { bucketId: north.bucketId, name, range: { from: 'now-5m', to: 'now' }, live, panels };
    return (await client.json<{ dashboard: Created }>('POST', '/api/dashboards', body)).dashboard._id;
  };
  const tableId = await dashboard('Readings', 'table', true);
  await dashboard('Still', 'chart', false);

  // One page for all of these: signing in takes longer than most of them.
  await onPage(t, browser, server.origin, {}, async page => {
    await page.goto(`/?bucket=${north.bucketId}${MOVING}`);
    await page.getByLabel('API key').fill(ADMIN_KEY);
    await page.getByRole('button', { name: 'Open' }).click();
    const live = page.getByRole('button', { name: 'live', exact: true });
    const paused = page.getByRole('button', { name: 'paused', exact: true });
    const open = async (from: string, to: string) => {
      await page.getByRole('button', { name: `Dashboard ${from}` }).click();
      await page.getByRole('button', { name: to }).click();
    };

    await t.test('a point that was stored while it was paused is there once it is live again', async () => {
      await live.waitFor();
      await page.getByText('raw, all 5 points').waitFor();
      await page.keyboard.press('l');
      await paused.waitFor();
      await store(north, 6);
      await page.keyboard.press('l');
      await page.getByText('raw, all 6 points').waitFor();
    });

    await t.test('a point of before does not take the place of the last value', async t => {
      await live.waitFor();
      const value = page.locator('.source-line .value');
      await store(north, 70, Date.now() - HOUR_MS);
      await store(north, 7);
      await value.getByText('7', { exact: true }).waitFor();
      await store(north, 80, Date.now() - HOUR_MS);
      await page.getByText('raw, all 7 points').waitFor();
      t.equal(String(await value.textContent()).trim(), '7');
    });

    await t.test('what makes itself is live again after a dashboard that is not', async () => {
      await open('Overview', 'Still');
      await paused.waitFor();
      await open('Still', 'Overview');
      await live.waitFor();
      await page.goBack();
      await paused.waitFor();
      await page.goBack();
      await live.waitFor();
    });

    await t.test('a live table shows its range, whatever comes', async t => {
      await page.goto(`/?bucket=${north.bucketId}&dashboard=${tableId}`);
      await live.waitFor();
      const rows = page.locator('.rows tbody tr');
      await rows.nth(6).waitFor();
      await store(north, 90, Date.now() - HOUR_MS);
      await store(north, 8);
      await rows.getByText('8', { exact: true }).waitFor();
      t.equal(await rows.count(), 8);
      t.equal(await rows.getByText('90', { exact: true }).count(), 0);
    });

    await t.test('answers of the bucket before are late, and change nothing', async t => {
      const held = await hold(page, north.bucketId);
      await page.goto(`/?bucket=${north.bucketId}`);
      await held.begun;
      await page.evaluate(`history.pushState(null, '', '/?bucket=${south.bucketId}')`);
      await page.evaluate("dispatchEvent(new PopStateEvent('popstate'))");
      await page.getByText('South sensor').first().waitFor();
      await held.release();
      await page.evaluate('new Promise(requestAnimationFrame)');
      t.equal(await page.getByText('North sensor').count(), 0);
      await page.getByRole('button', { name: 'Dashboard Overview' }).click();
      await page.getByRole('button', { name: 'Overview made by itself' }).waitFor();
      t.equal(await page.getByRole('button', { name: 'Readings' }).count(), 0);
      await page.keyboard.press('Escape');
    });
  });
});

/** Lists of a bucket are answered when they are let go. */
async function hold(page: Page, bucketId: string) {
  let begin = (): void => undefined;
  let letGo = (): void => undefined;
  const begun = new Promise<void>(resolve => {
    begin = resolve;
  });
  const released = new Promise<void>(resolve => {
    letGo = resolve;
  });
  const answered: Promise<void>[] = [];
  const lists = new RegExp(
    `/api/buckets/${bucketId}/(sources|alerts)|/api/dashboards\\?bucketId=${bucketId}`,
  );
  await page.route(lists, route => {
    begin();
    const answer = released.then(() => route.continue());
    answered.push(answer);
    return answer;
  });
  return {
    begun,
    release: async () => {
      const answers = answered.map(() => page.waitForResponse(lists));
      letGo();
      await Promise.all([...answered, ...answers]);
      await page.unrouteAll();
    },
  };
}
