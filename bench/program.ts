import { Command } from 'commander';
import { addAlerts } from './commands/alerts.js';
import { addAnalytics } from './commands/analytics.js';
import { addCanonical } from './commands/canonical.js';
import { addCodec } from './commands/codec.js';
import { addCompression } from './commands/compression.js';
import { addHttp } from './commands/http.js';
import { addIngest } from './commands/ingest.js';
import { addInterference } from './commands/interference.js';
import { addPages } from './commands/pages.js';
import { addQuery } from './commands/query.js';
import { addReal } from './commands/real.js';
import { addRecovery } from './commands/recovery.js';
import { addUpkeep } from './commands/upkeep.js';

/** The benchmarks as commands; each writes its result to standard output. Without a command: the canonical work. */
export function benchProgram(): Command {
  // Flags that stand behind a command are the command's.
  const program = new Command('bench').description('Measure the store').enablePositionalOptions();
  addCanonical(program);
  addAnalytics(program);
  addIngest(program);
  addQuery(program);
  addHttp(program);
  addRecovery(program);
  addCodec(program);
  addCompression(program);
  addReal(program);
  addInterference(program);
  addAlerts(program);
  addUpkeep(program);
  addPages(program);
  return program;
}
