/** A chart alone on a page of the server, under the server's policy: in the place of the dashboards' script runs its own. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';

const SOURCE = fileURLToPath(new URL('../../server/web/chart/stage.tsx', import.meta.url));

let built: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  });
  return outputFiles[0].text;
}

/** Of the page's own types, as far as they are used here. */
export interface StageOptions {
  readonly key: string;
  readonly title?: string;
  readonly series: readonly {
    readonly bucketId: string;
    readonly dataSourceId: string;
    readonly field: string;
    readonly label: string;
    readonly unit?: string;
    readonly colour: number;
  }[];
  readonly view: { readonly from: number; readonly to: number };
  readonly drawing: 'band' | 'm4';
  readonly timezone: string;
  readonly thresholds?: readonly object[];
  readonly firings?: readonly object[];
  readonly height?: number;
  readonly isLive?: boolean;
}

/** Resolves when the chart has drawn. */
export async function openStage(page: Page, options: StageOptions): Promise<void> {
  built ??= bundle();
  const body = await built;
  await page.route('**/assets/dashboards.js', route =>
    route.fulfill({ contentType: 'text/javascript', body }),
  );
  await page.goto('/');
  await page.evaluate(`mountChart(${JSON.stringify(options)})`);
  await chartAtRest(page);
}

/** When what is drawn is what is looked at, and nothing is under way. */
export async function chartAtRest(page: Page): Promise<void> {
  await page.locator('.chart-plot[aria-busy="false"]').waitFor();
}
