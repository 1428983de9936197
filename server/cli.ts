#!/usr/bin/env node
/** The `dakkio` command: the command line, and what `serve` serves. */
import { run } from './program.js';

process.exitCode = await run(process.argv.slice(2), async (config, logger) => {
  // `--help` must not wait for the store to load.
  const { compose } = await import('./compose.js');
  return compose(config, logger);
});
