import type { Command } from 'commander';
import { benchCompaction, compactionText } from '../compaction.js';
import { benchManySources, manySourcesText } from '../many-sources.js';
import { withProgress } from '../progress.js';

const ROUNDS = 8;

export function addUpkeep(program: Command): void {
  program
    .command('upkeep')
    .description('compaction of many segments, and memory and open files with thousands of sources')
    .option('--sources <count>', 'of the second part', Number, 10_000)
    .option('--json', 'print JSON', false)
    .action(async ({ sources, json }: { sources: number; json: boolean }) => {
      const compaction = await benchCompaction({ sources: 100, rows: 8_640, segments: 48 });
      const manySources = await withProgress('flushes', ROUNDS, onProgress =>
        benchManySources({ sources, rounds: ROUNDS, headAgeSeconds: 4, onProgress }),
      );
      process.stdout.write(
        json
          ? `${JSON.stringify({ compaction, manySources })}\n`
          : `${compactionText(compaction)}\n${manySourcesText(manySources)}`,
      );
    });
}
