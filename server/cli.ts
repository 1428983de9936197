#!/usr/bin/env node
/** The `dakkio` command: the command line, and what `serve` serves. */
import { compose } from './compose.js';
import { run } from './program.js';

process.exitCode = await run(process.argv.slice(2), compose);
