/** From a year of a reading a second to one second, and back: at each step what is drawn is what the server has. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { chartAtRest, openStage } from '../../../bench/chart-stage.js';
import { Client } from '../../../bench/client.js';
import { makeSources } from '../../../bench/load.js';
import { longReadings } from '../../../bench/long-series.js';
import { writeLongSources } from '../../../bench/segment-loader.js';
import { ADMIN_KEY, ServerProcess } from '../../../bench/server-process.js';
import { accessibilityFaults, noBrowser, onPage, openBrowser } from '../../support/browser.js';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const YEAR_POINTS = 365 * 86_400;
const FIRST_ORDINAL = 1;

if (noBrowser) {
  t.test('zoom', { skip: noBrowser }, t => t.end());
} else {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-zoom-'));
  let server = await ServerProcess.start(directory);
  t.teardown(async () => {
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const readings = longReadings(YEAR_POINTS);
  const valueAt = readings.fields.get('temperature')!;
  const start = readings.timeAt(0);
  const client = new Client(server.origin, ADMIN_KEY, 1);
  const { bucketId, ids } = await makeSources(client, 'long', [readings]);
  client.close();
  await server.end('SIGTERM');
  await writeLongSources(directory, [FIRST_ORDINAL], YEAR_POINTS, () => {});
  server = await ServerProcess.start(directory);
  const browser = await openBrowser(t);

  const label = '<img src=x onerror=alert(1)>';
  const series = [{ bucketId, dataSourceId: ids[0], field: 'temperature', label, unit: '°C', colour: 1 }];
  const year = { from: start, to: start + 365 * DAY };
  const options = {
    key: ADMIN_KEY,
    title: 'Air',
    series,
    view: year,
    drawing: 'band',
    timezone: 'UTC',
  } as const;
  const point = start + 200 * DAY + 5 * 3_600 * SECOND;

  /** Rows of what is exported: all that is drawn in the view. */
  const shownRows = async (page: Page) => {
    const text = (await page.evaluate('stage.handle.current.csv()')) as string;
    return text
      .trim()
      .split('\r\n')
      .slice(1)
      .map(line => line.split(',').map((cell, index) => (index === 0 ? Date.parse(cell) : Number(cell))));
  };
  const made = (page: Page) => page.locator('.chart-made').textContent();
  const check = async (t: Test, page: Page, from: number, to: number) => {
    const text = String(await made(page));
    const rows = await shownRows(page);
    const span = /^avg, (\d+) (s|min|h|d),/.exec(text);
    if (span === null) {
      const want = Array.from({ length: Math.ceil(to / SECOND) - Math.ceil(from / SECOND) }, (_, index) => {
        const time = (Math.ceil(from / SECOND) + index) * SECOND;
        return [time, valueAt((time - start) / SECOND)];
      });
      t.match(text, /^raw/);
      t.same(rows, want, text);
      return;
    }
    const unit = { s: SECOND, min: 60 * SECOND, h: 3_600 * SECOND, d: DAY }[span[2]] as number;
    const query = {
      ...{ bucketId, format: 'columns', aggregation: ['avg', 'min', 'max'] },
      groupBy: `${span[1]}${span[2].slice(0, 1)}`,
      filters: {
        startTime: from - Number(span[1]) * unit,
        endTime: to + Number(span[1]) * unit,
        limit: 100_000,
      },
    };
    const answer = await fetch(`${server.origin}/api/data/query`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-API-Key': ADMIN_KEY },
      body: JSON.stringify(query),
    });
    const { columns } = (await answer.json()) as Answer;
    const { timestamps, values } = columns[ids[0]];
    const { avg, min, max } = values.temperature;
    const all = timestamps.map((time, index) => [time, avg[index], min[index], max[index]]);
    const want = all.filter(([time]) => time < to && time + Number(span[1]) * unit > from);
    t.same(rows, want, text);
  };

  t.test('a year to a second and back by wheel', async t => {
    await onPage(t, browser, server.origin, {}, async page => {
      await openStage(page, options);
      t.match(await made(page), /^avg, 1 d, from 1 d rollup, 365 of 31\.5 M points/);
      t.same(await accessibilityFaults(page), []);
      const over = (await page.locator('.u-over').boundingBox())!;
      await page.mouse.move(over.x + over.width / 2, over.y + 50);
      const look = () => page.evaluate('stage.view') as Promise<{ from: number; to: number }>;
      const step = async (deltaY: number) => {
        const before = await look();
        await page.mouse.wheel(0, deltaY);
        await page.waitForFunction(
          ([from, to]) => {
            const { view, settled } = (globalThis as unknown as Stage).stage;
            const last = settled.at(-1);
            const isOther = view.from !== from || view.to !== to;
            return isOther && last?.from === view.from && last.to === view.to;
          },
          [before.from, before.to],
        );
        await chartAtRest(page);
        const { from, to } = await look();
        await check(t, page, from, to);
        return to - from;
      };
      let steps = 0;
      while ((await step(-600)) > SECOND) steps++;
      t.match(await made(page), /^raw/);
      for (; steps >= 0; steps--) await step(600);
      t.match(await made(page), /^avg/);
    });
  });

  t.test('drag, keys and double click', async t => {
    await onPage(t, browser, server.origin, {}, async page => {
      await openStage(page, { ...options, view: { from: point, to: point + 600 * SECOND } });
      const over = (await page.locator('.u-over').boundingBox())!;
      await page.mouse.move(over.x + over.width / 4, over.y + 50);
      await page.mouse.down();
      await page.mouse.move(over.x + over.width / 2, over.y + 50, { steps: 4 });
      await page.mouse.up();
      await chartAtRest(page);
      await check(t, page, point + 150 * SECOND, point + 300 * SECOND);
      await page.locator('.chart-plot').focus();
      await page.keyboard.press('ArrowRight');
      await chartAtRest(page);
      await check(t, page, point + 165 * SECOND, point + 315 * SECOND);
      await page.keyboard.press('-');
      await chartAtRest(page);
      await check(t, page, point + 90 * SECOND, point + 390 * SECOND);
      await page.keyboard.press('Escape');
      await chartAtRest(page);
      await check(t, page, point, point + 600 * SECOND);
      t.ok((await page.locator('.chart-plot').getAttribute('aria-label'))?.includes(label), 'names are text');
      await page.mouse.move(over.x + 100, over.y + 50);
      await page.locator('.chart-reading').waitFor();
      t.match(await page.locator('.chart-reading').textContent(), label);
      t.equal((await page.locator('.u-over').boundingBox())?.y, over.y, 'nothing moves for what is said');
    });
  });

  t.test('a tap says what is there, and leaves the view alone', async t => {
    const phone = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true };
    await onPage(t, browser, server.origin, phone, async page => {
      const view = { from: point, to: point + 600 * SECOND };
      await openStage(page, { ...options, view });
      const over = (await page.locator('.u-over').boundingBox())!;
      t.match(await page.locator('.chart-readings').textContent(), 'Last values');
      await page.touchscreen.tap(over.x + 100, over.y + 50);
      await page.locator('.chart-time > time').waitFor();
      t.equal((await page.locator('.u-over').boundingBox())?.y, over.y, 'nothing moves for what is said');
      await check(t, page, view.from, view.to);
    });
  });

  t.test('live points appear', async t => {
    await onPage(t, browser, server.origin, {}, async page => {
      const end = start + 365 * DAY;
      const view = { from: end - 60 * SECOND, to: end + 60 * SECOND };
      await openStage(page, { ...options, view, isLive: true });
      t.match(await made(page), /^raw, all 60 points/);
      const timestamp = new Date(end + 5 * SECOND).toISOString();
      const values = { temperature: 42 };
      const sent = await fetch(`${server.origin}/api/data`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': ADMIN_KEY },
        body: JSON.stringify({ bucketId, dataSourceId: ids[0], timestamp, values }),
      });
      t.equal(sent.status, 201);
      await page.evaluate(
        `stage.send(${JSON.stringify({ _id: 'x', dataSourceId: ids[0], timestamp, values })})`,
      );
      await page.getByText(/^raw, all 61 points/).waitFor();
      t.same((await shownRows(page)).at(-1), [end + 5 * SECOND, 42]);
    });
  });
}

interface Answer {
  readonly columns: Record<
    string,
    { timestamps: number[]; values: { temperature: Record<'avg' | 'min' | 'max', number[]> } }
  >;
}

interface Stage {
  readonly stage: {
    readonly view: { from: number; to: number };
    readonly settled: readonly { from: number; to: number }[];
  };
}
