/**
 * Pictures of every page, light and dark, on a desk and on a phone, for somebody to look at:
 *
 *     npm run screenshots [directory]
 *
 * Two of them stand in the README, in `server/web/pictures`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../bench/chromium.js';
import { Client } from '../../bench/client.js';
import { ADMIN_KEY, ServerProcess } from '../../bench/server-process.js';
import { projectRoot } from '../support/root.js';
import { fillGreenhouse, type Greenhouse } from './greenhouse.js';

interface Look {
  readonly name: string;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: { readonly width: number; readonly height: number };
}

const DESK = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const LOOKS: readonly Look[] = [
  { name: 'light', colorScheme: 'light', viewport: DESK },
  { name: 'dark', colorScheme: 'dark', viewport: DESK },
  { name: 'light-phone', colorScheme: 'light', viewport: PHONE },
  { name: 'dark-phone', colorScheme: 'dark', viewport: PHONE },
];

interface Scene {
  readonly name: string;
  /** '' for somebody who has none yet. */
  readonly key: string;
  readonly path: string;
  readonly isWhole?: boolean;
  act?(page: Page): Promise<void>;
}

function scenes({ bucketId, dashboardId, sources }: Greenhouse): Scene[] {
  const board = `/?bucket=${bucketId}`;
  const source = sources.get('South bed');
  const admin = { key: ADMIN_KEY };
  return [
    { name: 'sign-in', key: '', path: '/' },
    { name: 'dashboard', ...admin, path: `${board}&dashboard=${dashboardId}` },
    { name: 'dashboard-whole', ...admin, path: `${board}&dashboard=${dashboardId}`, isWhole: true },
    { name: 'made-by-itself', ...admin, path: board },
    { name: 'sources', ...admin, path: `${board}#explore/sources` },
    { name: 'source', ...admin, path: `${board}#explore/source/${source}`, isWhole: true },
    { name: 'storage', ...admin, path: `${board}#explore/storage`, isWhole: true },
    { name: 'alerts', ...admin, path: `${board}#explore/alerts` },
    { name: 'keys', ...admin, path: `${board}#explore/keys` },
    { name: 'buckets', ...admin, path: `${board}#explore/buckets` },
    { name: 'playground', ...admin, path: '/playground' },
    { name: 'playground-query', ...admin, path: '/playground#postApiDataQuery' },
    {
      name: 'playground-tour',
      ...admin,
      path: '/playground#tour',
      async act(page) {
        await page.getByRole('button', { name: /run the tour/i }).click();
        await page.getByRole('button', { name: /delete it/i }).waitFor({ timeout: 60_000 });
      },
    },
  ];
}

async function takeAll(browser: Browser, origin: string, greenhouse: Greenhouse, directory: string) {
  for (const look of LOOKS) {
    for (const scene of scenes(greenhouse)) {
      await take(browser, origin, look, scene, join(directory, `${scene.name}-${look.name}.png`));
    }
  }
}

async function take(
  browser: Browser,
  origin: string,
  { colorScheme, viewport }: Look,
  { key, path, isWhole, act }: Scene,
  file: string,
): Promise<void> {
  const context = await browser.newContext({ baseURL: origin, colorScheme, viewport, timezoneId: 'UTC' });
  try {
    if (key !== '') await context.addInitScript(`sessionStorage.setItem('dakkio.key', '${key}')`);
    const page = await context.newPage();
    await page.goto(path);
    await act?.(page);
    await page.waitForTimeout(SETTLED_MS);
    await page.screenshot({ path: file, fullPage: isWhole });
    process.stdout.write(`${file}\n`);
  } finally {
    await context.close();
  }
}

/** A live page never rests: long enough for all that it asks and draws. */
const SETTLED_MS = 1_500;

const browser = await launchChromium();
const [directory = 'screenshots'] = process.argv.slice(2);
mkdirSync(resolve(projectRoot, directory), { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'dakkio-pictures-'));
const server = await ServerProcess.start(data);
const client = new Client(server.origin, ADMIN_KEY, 1);
try {
  const greenhouse = await fillGreenhouse(client, Date.now());
  await takeAll(browser, server.origin, greenhouse, resolve(projectRoot, directory));
} finally {
  await browser.close();
  client.close();
  await server.end('SIGTERM');
  rmSync(data, { recursive: true, force: true });
}
