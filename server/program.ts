/** The command line. Commands import what they need when they run: `--help` must not wait for the store to load. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { ApiKey, KeyType } from './catalog/model.js';
import type { OfflineOptions } from './catalog/offline.js';
import { type Config, ConfigError, readConfig, SETTING_NAMES, SETTINGS, type Setting } from './config.js';
import type { Compose } from './main.js';

/** The command was well formed and could not be done. */
class CommandError extends Error {}

/** The command was not well formed, in a way that the options alone do not tell. */
class UsageError extends Error {}

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

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function addServe(root: Command, compose: Compose): void {
  const command = root.command('serve').description('Start the server; SIGTERM and SIGINT stop it');
  const options = new Map<keyof Config, Option>();
  const secrets: string[] = [];
  for (const name of SETTING_NAMES) {
    const { flag, variable, placeholder, help, fallback }: Setting<unknown> = SETTINGS[name];
    if (flag === undefined) {
      secrets.push(`  ${variable}  ${help}`);
      continue;
    }
    const option = new Option(`--${flag} <${placeholder}>`, `${help} (${variable}, default ${fallback})`);
    options.set(name, option);
    command.addOption(option);
  }
  command.addHelpText('after', `\nOnly from the environment:\n${secrets.join('\n')}`);
  command.action(async (given: Record<string, string>) => {
    const flags: Partial<Record<keyof Config, string>> = {};
    for (const [name, option] of options) flags[name] = given[option.attributeName()];
    const config = readConfig(flags, process.env);
    const { serve } = await import('./main.js');
    await serve(config, compose);
  });
}

function addKeys(root: Command): void {
  const keys = root.command('keys').description('Make, list and revoke keys while the server is stopped');
  keys
    .command('create')
    .description('Make a key and print it; it cannot be shown again')
    .addOption(dataDirectoryOption())
    .addOption(
      new Option('--type <type>', 'What it may do').choices(['admin', 'write', 'read']).default('admin'),
    )
    .option('--bucket <id>', 'Bucket of a write or read key')
    .option('--name <name>', 'What to call it', 'command line')
    .action(async (given: { dataDir?: string; type: KeyType; bucket?: string; name: string }) => {
      if ((given.type === 'admin') !== (given.bucket === undefined)) {
        throw new UsageError(
          given.type === 'admin'
            ? 'An admin key has no --bucket: it may use all of them'
            : `A ${given.type} key needs --bucket with the id of its bucket`,
        );
      }
      const { name, type, bucket: bucketId = null } = given;
      const { key } = await onCatalog(given.dataDir, ({ createKey }, options) =>
        createKey(options, { name, type, bucketId }),
      );
      process.stdout.write(`${key}\n`);
    });
  keys
    .command('list')
    .description('List all keys, without their secrets')
    .addOption(dataDirectoryOption())
    .action(async (given: { dataDir?: string }) => {
      const keys = await onCatalog(given.dataDir, ({ listKeys }, options) => listKeys(options));
      for (const { apiKey, lastUsedAt } of keys) process.stdout.write(`${keyLine(apiKey, lastUsedAt)}\n`);
    });
  keys
    .command('revoke')
    .description('Revoke a key for ever')
    .argument('<id>', 'Id of the key, as listed')
    .addOption(dataDirectoryOption())
    .action(async (id: string, given: { dataDir?: string }) => {
      await onCatalog(given.dataDir, ({ revokeKey }, options) => revokeKey(options, id));
      process.stdout.write(`Revoked ${id}\n`);
    });
}

function addImport(root: Command): void {
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
        if (!URL.canParse(given.url)) {
          throw new UsageError(`--url is ${JSON.stringify(given.url)}: must be http://host:port`);
        }
        const { runImport } = await import('./import.js');
        const { refused } = await runImport({ ...given, file, key });
        if (refused > 0) throw new CommandError(`${refused} rows were refused`);
      },
    );
}

function addVerify(root: Command): void {
  root
    .command('verify')
    .description('Read every byte of a data directory and say what is damaged; changes nothing')
    .argument('<directory>', 'Data directory of a stopped server')
    .action(async (given: string) => {
      const { verifyDirectory } = await import('./verify.js');
      const { nodeDisk } = await import('../wal/disk.js');
      const { damages } = await onDirectory(given, directory =>
        verifyDirectory(nodeDisk, directory, line => process.stdout.write(`${line}\n`)),
      );
      for (const damage of damages) process.stderr.write(`${damage}\n`);
      if (damages.length > 0)
        throw new CommandError(`${given} is damaged in ${damages.length} places, named above`);
    });
}

function addBench(root: Command): void {
  root
    .command('bench')
    .description('Run the benchmarks; bench --help lists them')
    .argument('[arguments...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (rest: string[]) => {
      // Computed, so that the compiler does not see it: bench imports the server, and the server must build, and be
      // shipped, without bench.
      const path = ['..', 'bench', 'program.js'].join('/');
      const { benchProgram } = (await import(path)) as { benchProgram: () => Command };
      await benchProgram().parseAsync(rest, { from: 'user' });
    });
}

function dataDirectoryOption(): Option {
  const { flag, variable, fallback, help } = SETTINGS.dataDirectory;
  return new Option(`--${flag} <path>`, `${help} (${variable}, default ${fallback})`);
}

/** One line a key: id, type, what is shown of it, bucket, time of its last use, name. */
function keyLine({ id, type, keyPrefix, bucketId, name }: ApiKey, lastUsedAt: number | undefined): string {
  const used = lastUsedAt === undefined ? 'never used' : new Date(lastUsedAt).toISOString();
  return [id, type.padEnd(5), keyPrefix, (bucketId ?? '-').padEnd(24), used.padEnd(24), name].join('  ');
}

function onCatalog<Result>(
  dataDirectory: string | undefined,
  work: (offline: typeof import('./catalog/offline.js'), options: OfflineOptions) => Promise<Result>,
): Promise<Result> {
  return onDirectory(dataDirectory, async directory => {
    const [offline, { nodeDisk }, { systemClock }] = await Promise.all([
      import('./catalog/offline.js'),
      import('../wal/disk.js'),
      import('../engine/base/time.js'),
    ]);
    return work(offline, { disk: nodeDisk, directory, clock: systemClock });
  });
}

/** Works on the data directory given, or else set, while no server can. */
async function onDirectory<Result>(
  given: string | undefined,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const { dataDirectory } = readConfig({ dataDirectory: given }, process.env);
  const { lockDirectory } = await import('./lock.js');
  const lock = await lockDirectory(dataDirectory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new CommandError(`There is no data directory ${dataDirectory}`);
  });
  try {
    return await work(dataDirectory);
  } finally {
    await lock.release();
  }
}
