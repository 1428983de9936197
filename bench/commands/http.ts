import type { Command } from 'commander';
import { benchHttp, HTTP_LEVELS, httpFigures, httpText } from '../http.js';
import { withProgress } from '../progress.js';
import { type OutputFlags, withOutput, writeOutput } from './output.js';

export function addHttp(program: Command): void {
  withOutput(
    program
      .command('http')
      .description('latency of single points, each durable, from 1, 32 and 1,000 connections'),
  ).action(async (flags: OutputFlags) => {
    const total = HTTP_LEVELS.reduce((sum, { points }) => sum + points, 0);
    const report = await withProgress('points', total, onProgress =>
      benchHttp({ levels: HTTP_LEVELS, onProgress }),
    );
    const measured = { figures: httpFigures(report), hashes: { http: report.hash } };
    writeOutput('http', flags, measured, () => httpText(report), report);
  });
}
