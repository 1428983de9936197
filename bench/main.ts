#!/usr/bin/env node
import { benchProgram } from './program.js';

try {
  await benchProgram().parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
