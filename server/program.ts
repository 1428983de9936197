/** The command line. Commands import what they need when they run: `--help` must not wait for the store to load. */
import { Command, CommanderError } from 'commander';
import { addBench } from './commands/bench.js';
import { UsageError } from './commands/errors.js';
import { addImport } from './commands/import.js';
import { addKeys } from './commands/keys.js';
import { addServe } from './commands/serve.js';
import { addVerify } from './commands/verify.js';
import { ConfigError } from './config.js';
import type { Compose } from './main.js';
import { version } from './version.js';

/**
 * Runs a command line, without the name of the program.
 * @param compose what `serve` serves.
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage or setting. Failures are told in one line on stderr.
 */
export async function run(commandLine: readonly string[], compose: Compose): Promise<number> {
  try {
    await program(compose).parseAsync(commandLine, { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version end here too, with status 0; commander has printed what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`dakkio: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
    return error instanceof ConfigError || error instanceof UsageError ? 2 : 1;
  }
}

function program(compose: Compose): Command {
  const root = new Command('dakkio')
    .description('A self-hosted time-series store with an HTTP API')
    .version(version())
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'dakkio: ')) });
  addServe(root, compose);
  addKeys(root);
  addImport(root);
  addVerify(root);
  addBench(root);
  return root;
}
