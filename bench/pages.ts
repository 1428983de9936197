/** A chart over a long source in a browser: from the turn of the wheel to what is drawn, and frames while it is panned. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { chartAtRest, openStage } from './chart-stage.js';
import { launchChromium } from './chromium.js';
import { Client } from './client.js';
import type { Figure } from './figures.js';
import { makeSources } from './load.js';
import { longReadings } from './long-series.js';
import { writeLongSources } from './segment-loader.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';
import { settleDirectory } from './settled.js';
import { quantileOf } from './timed-case.js';

const FIRST_ORDINAL = 1;
const GOAL_MS = 50;
const GOAL_FRAMES = 60;
/** The last ones show a second or so: from here on the wheel begins anew at all of it. */
const SPAN_MS_MIN = 2_000;

export interface PagesOptions {
  /** At 1 Hz. */
  readonly points: number;
  /** Turns of the wheel. */
  readonly turns: number;
  /** That are panned over. */
  readonly frames: number;
  onProgress?(turns: number): void;
}

export interface PagesReport {
  readonly points: number;
  readonly turns: number;
  /** From the event to the drawn answer. */
  readonly drawnMs: { readonly p50: number; readonly p95: number };
  readonly framesPerSecond: number;
}

/** @throws (rejects) where there is no browser. */
export async function benchPages({ points, turns, frames, onProgress }: PagesOptions): Promise<PagesReport> {
  // First of all: where there is none, nothing has to be cleared away.
  const browser = await launchChromium();
  const readings = longReadings(points);
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-pages-'));
  let server = await ServerProcess.start(directory);
  try {
    const client = new Client(server.origin, ADMIN_KEY, 1);
    const { bucketId, ids } = await makeSources(client, 'long', [readings]);
    client.close();
    await server.end('SIGTERM');
    await writeLongSources(directory, [FIRST_ORDINAL], points, () => {});
    await settleDirectory(directory);
    server = await ServerProcess.start(directory);
    const page = await browser.newPage({ baseURL: server.origin, viewport: { width: 1280, height: 400 } });
    const source = { bucketId, dataSourceId: ids[0], field: 'temperature', label: 'long' };
    const view = { from: readings.timeAt(0), to: readings.timeAt(points) };
    const series = [{ ...source, colour: 1 }];
    await openStage(page, { key: ADMIN_KEY, series, view, drawing: 'band', timezone: 'UTC' });
    const drawn: number[] = [];
    while (drawn.length < turns) {
      drawn.push(await timeTurn(page, drawn.length, view));
      onProgress?.(drawn.length);
    }
    const framesPerSecond = await countFrames(page, frames, view);
    drawn.sort((left, right) => left - right);
    return {
      points,
      turns,
      drawnMs: { p50: quantileOf(drawn, 0.5), p95: quantileOf(drawn, 0.95) },
      framesPerSecond,
    };
  } finally {
    await browser.close();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

interface View {
  readonly from: number;
  readonly to: number;
}

/** In the page: turns the wheel, and waits for what is asked for then to be drawn. Each round is about another time. */
async function timeTurn(page: Page, turn: number, whole: View): Promise<number> {
  const { from, to } = (await page.evaluate('stage.view')) as View;
  if (to - from < SPAN_MS_MIN) await look(page, whole);
  const share = 0.2 + ((turn * 0.618034) % 0.6);
  return (await page.evaluate(`new Promise(resolve => {
    const over = document.querySelector('.u-over');
    const plot = document.querySelector('.chart-plot');
    const { left, top, width } = over.getBoundingClientRect();
    const before = stage.view;
    const begun = performance.now();
    const watch = new MutationObserver(() => {
      if (stage.view === before || plot.getAttribute('aria-busy') !== 'false') return;
      watch.disconnect();
      const milliseconds = performance.now() - begun;
      setTimeout(() => resolve(milliseconds), 200);
    });
    watch.observe(plot, { attributes: true, attributeFilter: ['aria-busy'] });
    over.dispatchEvent(new WheelEvent('wheel', {
      deltaY: -500, clientX: left + width * ${share}, clientY: top + 20, bubbles: true, cancelable: true,
    }));
  })`)) as number;
}

/** A tenth of all, panned by some pixels a frame. */
async function countFrames(page: Page, frames: number, { from, to }: View): Promise<number> {
  await look(page, { from, to: Math.round(from + (to - from) / 10) });
  return (await page.evaluate(`new Promise(resolve => {
    const over = document.querySelector('.u-over');
    const begun = performance.now();
    let drawn = 0;
    const step = () => {
      if (drawn++ === ${frames}) return resolve((${frames} * 1000) / (performance.now() - begun));
      over.dispatchEvent(new WheelEvent('wheel', { deltaX: 6, bubbles: true, cancelable: true }));
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  })`)) as number;
}

async function look(page: Page, view: View): Promise<void> {
  await page.evaluate(`stage.look(${JSON.stringify(view)})`);
  await chartAtRest(page);
}

export function pagesFigures({ drawnMs, framesPerSecond, points }: PagesReport): Figure[] {
  const title = `${points.toLocaleString('en')} points`;
  return [
    {
      id: 'pages.drawn.p50',
      title: `${title}, wheel to drawn, p50`,
      unit: 'ms',
      value: drawnMs.p50,
      better: 'less',
      goal: GOAL_MS,
    },
    {
      id: 'pages.frames',
      title: `${title}, frames a second while panning`,
      unit: '',
      value: framesPerSecond,
      better: 'more',
      goal: GOAL_FRAMES,
    },
  ];
}

export function pagesText({ points, turns, drawnMs, framesPerSecond }: PagesReport): string {
  return [
    `a chart over ${points.toLocaleString('en')} points at 1 Hz, ${turns} turns of the wheel`,
    `wheel to drawn: p50 ${drawnMs.p50.toFixed(1)} ms (goal ${GOAL_MS} ms), p95 ${drawnMs.p95.toFixed(1)} ms`,
    `panning: ${framesPerSecond.toFixed(1)} frames a second (goal ${GOAL_FRAMES})`,
    '',
  ].join('\n');
}
