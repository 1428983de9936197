import type { Command } from 'commander';
import { CommandError, UsageError } from './errors.js';

export function addImport(root: Command): void {
  root
    .command('import')
    .description('Send the rows of a CSV file with a header line to a running server')
    .argument('<file>', 'CSV file; an empty cell is an absent value')
    .requiredOption('--bucket <id or name>', 'Bucket to store into; its name where the key is an Admin key')
    .requiredOption('--source <id or name>', 'Data source to store into')
    .option('--url <url>', 'Where the server is', 'http://127.0.0.1:8080')
    .option('--key <key>', 'Write or Admin key (DAKKIO_API_KEY, which other users of the machine cannot see)')
    .option('--timestamp-column <name>', 'Column of the times: ISO 8601 or epoch milliseconds', 'timestamp')
    .action(
      async (
        file: string,
        given: { bucket: string; source: string; url: string; key?: string; timestampColumn: string },
      ) => {
        const key = given.key ?? process.env.DAKKIO_API_KEY;
        if (!key) throw new UsageError('There is no key: set DAKKIO_API_KEY, or give --key');
        if (!/^[!-~]+$/.test(key))
          throw new UsageError('The key is not valid: it has other characters than keys have');
        if (!URL.canParse(given.url) || !/^https?:$/.test(new URL(given.url).protocol)) {
          throw new UsageError(`--url is ${JSON.stringify(given.url)}: must be http://host:port`);
        }
        const { runImport } = await import('../import.js');
        const { refused } = await runImport({ ...given, file, key });
        if (refused > 0) throw new CommandError(`${refused} rows were refused`);
      },
    );
}
