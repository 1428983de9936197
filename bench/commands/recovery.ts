import { type Command, Option } from 'commander';
import { benchKillRounds, killRoundsFigures, killRoundsText } from '../kill-rounds.js';
import { INGEST_PATHS, type IngestPath } from '../paths.js';
import { withProgress } from '../progress.js';
import { benchRecovery, recoveryFigures, recoveryText } from '../recovery.js';
import { type OutputFlags, positiveWhole, withOutput, writeOutput } from './output.js';

interface RecoveryFlags extends OutputFlags {
  readonly points: number;
  readonly rounds?: number;
  readonly path: IngestPath;
  readonly seed: number;
}

export function addRecovery(program: Command): void {
  withOutput(
    program
      .command('recovery')
      .description(
        'a start after kill -9, and with --rounds many kills under full load, each compared bit by bit',
      )
      .option('--points <count>', 'of 10 values, in the log when it is killed', positiveWhole, 500_000)
      .option('--rounds <count>', 'kills under load, on one directory, instead', positiveWhole)
      .addOption(
        new Option('--path <path>', 'with --rounds: the way in').choices(INGEST_PATHS).default('json'),
      )
      .option('--seed <number>', 'with --rounds: of the times of the kills', positiveWhole, 1),
  ).action((flags: RecoveryFlags) =>
    flags.rounds === undefined ? recovery(flags) : kill(flags.rounds, flags),
  );
}

async function recovery(flags: RecoveryFlags): Promise<void> {
  const { points } = flags;
  const report = await withProgress('points', points * 2, onProgress =>
    benchRecovery({ points, onProgress }),
  );
  const measured = { figures: recoveryFigures(report), hashes: { recovery: report.hash } };
  writeOutput('recovery', flags, measured, () => recoveryText(report), report);
}

/** Of each connection, in a round: more than are answered before the kill, mostly. */
const REQUESTS_MAX = 100;
const KILL_AFTER_MAX_MS = 1_000;

async function kill(rounds: number, flags: RecoveryFlags): Promise<void> {
  const { path, seed } = flags;
  const options = { path, rounds, seed, requestsMax: REQUESTS_MAX, killAfterMaxMs: KILL_AFTER_MAX_MS };
  const report = await withProgress('rounds', rounds, onProgress =>
    benchKillRounds({ ...options, onProgress }),
  );
  const measured = { figures: killRoundsFigures(report), hashes: {} };
  writeOutput('kill', flags, measured, () => killRoundsText(report), report);
}
