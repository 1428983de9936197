import type { Command } from 'commander';
import { withProgress } from '../progress.js';
import { type OutputFlags, positiveWhole, withOutput, writeOutput } from './output.js';

interface PagesFlags extends OutputFlags {
  readonly points: number;
  readonly turns: number;
  readonly frames: number;
}

export function addPages(program: Command): void {
  withOutput(
    program
      .command('pages')
      .description('a chart in a browser: from the turn of the wheel to what is drawn, frames while panning')
      .option('--points <count>', 'at 1 Hz', positiveWhole, 31_536_000)
      .option('--turns <count>', 'of the wheel', positiveWhole, 100)
      .option('--frames <count>', 'that are panned over', positiveWhole, 240),
  ).action(async (flags: PagesFlags) => {
    // What drives the browser is loaded for this command alone.
    const { benchPages, pagesFigures, pagesText } = await import('../pages.js');
    const { points, turns, frames } = flags;
    const report = await withProgress('turns', turns, onProgress =>
      benchPages({ points, turns, frames, onProgress }),
    );
    writeOutput(
      'pages',
      flags,
      { figures: pagesFigures(report), hashes: {} },
      () => pagesText(report),
      report,
    );
  });
}
