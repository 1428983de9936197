/** A server with a bucket to explore, and its pages. */
import type { Browser, Page } from 'playwright-core';
import type { Test } from 'tap';
import { ADMIN_KEY } from '../../bench/server-process.js';
import { onPage, type PageOptions } from './browser.js';
import { type RunningServer, runServer } from './running-server.js';

/** Shown as text, wherever it stands. */
export const HOSTILE_NAME = '<img src=x onerror=alert(1)>';

export interface Explored extends RunningServer {
  readonly bucketId: string;
  /** Of the source with the hostile name, which has points, a rule and a field of such a name. */
  readonly sourceId: string;
  readonly readKey: string;
}

interface Created {
  readonly _id: string;
}

export async function runExplored(t: Test): Promise<Explored> {
  const running = await runServer(t);
  const { client } = running;
  const { bucket } = await client.json<{ bucket: Created }>('POST', '/api/buckets', { name: HOSTILE_NAME });
  const path = `/api/buckets/${bucket._id}`;
  const { dataSource } = await client.json<{ dataSource: Created }>('POST', `${path}/sources`, {
    name: HOSTILE_NAME,
    description: HOSTILE_NAME,
    schema: { temperature: { type: 'number', unit: '°C', description: HOSTILE_NAME } },
  });
  await client.json('POST', '/api/alerts', {
    bucketId: bucket._id,
    dataSourceId: dataSource._id,
    name: HOSTILE_NAME,
    condition: 'temperature > 30',
  });
  const now = Date.now();
  for (const [index, temperature] of [21, 22.5, 31.5].entries()) {
    await client.json('POST', '/api/data', {
      bucketId: bucket._id,
      dataSourceId: dataSource._id,
      timestamp: now - (3 - index) * 1_000,
      values: { temperature, [HOSTILE_NAME]: HOSTILE_NAME },
    });
  }
  const { apiKey } = await client.json<{ apiKey: { key: string } }>('POST', `${path}/keys`, {
    name: HOSTILE_NAME,
    type: 'read',
  });
  return { ...running, bucketId: bucket._id, sourceId: dataSource._id, readKey: apiKey.key };
}

export interface Explorer {
  readonly page: Page;
  /** `sources`, `source/…`: as a link to it does. */
  show(view: string): Promise<void>;
}

/** A page that is signed in. */
export async function onExplorer(
  t: Test,
  browser: Browser,
  { server, bucketId }: Explored,
  { key = ADMIN_KEY, ...options }: PageOptions & { readonly key?: string },
  use: (explorer: Explorer) => Promise<void>,
): Promise<void> {
  await onPage(t, browser, server.origin, options, async page => {
    page.on('dialog', dialog => t.fail(`a script of a name ran: ${dialog.message()}`));
    await page.goto(`/?bucket=${bucketId}#explore/sources`);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('navigation', { name: 'Explorer' }).waitFor();
    const show = async (view: string) => {
      await page.evaluate(`location.hash = '#explore/${view}'`);
    };
    await use({ page, show });
  });
}
