/** The pages in a real browser, Debian's Chromium. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Test } from 'tap';
import { launchChromium, noChromium } from '../../bench/chromium.js';

/** For what must become visible: long enough for a slow machine. */
const WAIT_MS_MAX = 20_000;

/** For the options of a test: why it cannot run here, or false. */
export const noBrowser = noChromium ?? false;

/** Ends with the test. A test file needs no more than one. */
export async function openBrowser(t: Test): Promise<Browser> {
  const browser = await launchChromium();
  t.teardown(() => browser.close());
  return browser;
}

export interface PageOptions extends BrowserContextOptions {
  /** Messages of the console that the test brings about, such as that of a refused call. */
  readonly expected?: RegExp;
}

/** Gives the test a page, with storage of its own, and asserts that it does nothing that no page may ever do. */
export async function onPage(
  t: Test,
  browser: Browser,
  origin: string,
  options: PageOptions,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const { expected, ...contextOptions } = options;
  const context = await browser.newContext({
    baseURL: origin,
    viewport: { width: 1280, height: 800 },
    // Colours on their way to others are none that anybody has to read.
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...contextOptions,
  });
  context.setDefaultTimeout(WAIT_MS_MAX);
  try {
    const page = await context.newPage();
    const faults = faultsOf(page, origin, expected);
    await use(page);
    t.same(faults, [], 'no errors in the console, no calls to other origins');
  } finally {
    await context.close();
  }
}

/** As they come. */
function faultsOf(page: Page, origin: string, expected: RegExp | undefined): string[] {
  const faults: string[] = [];
  page.on('console', message => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (expected?.test(message.text())) return;
    faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', error => faults.push(`uncaught: ${error.stack ?? error}`));
  page.on('request', request => {
    const url = new URL(request.url());
    const isOwn = url.origin === origin || url.protocol === 'blob:' || url.protocol === 'data:';
    if (!isOwn) faults.push(`request: ${request.url()}`);
  });
  return faults;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Faults that axe finds in what is shown now and that keep somebody out, as lines; empty where there are none. */
export function accessibilityFaults(page: Page): Promise<string[]> {
  return faultsOfRules(page, 'undefined');
}

/** Those that other colours of the same page can bring about. */
export function contrastFaults(page: Page): Promise<string[]> {
  return faultsOfRules(page, '["color-contrast"]');
}

async function faultsOfRules(page: Page, rules: string): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axeSource);
  const options = `{ resultTypes: ["violations"], runOnly: ${rules} }`;
  const violations = (await page.evaluate(
    `axe.run(document, ${options}).then(({ violations }) => violations)`,
  )) as Violation[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}
