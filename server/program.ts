/** The command line. What the commands need of the store is handed in, so that nothing is loaded that is not used. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { type Config, ConfigError, readConfig, SETTING_NAMES, SETTINGS, type Setting } from './config.js';
import type { Compose } from './main.js';

/** Work on a data directory that no server has open; the directory is locked around each call. */
export interface Wiring {
  readonly compose: Compose;
  readonly createKey: (directory: string, key: NewKey) => Promise<{ readonly key: string }>;
  readonly listKeys: (directory: string) => Promise<readonly ListedKey[]>;
  /** False where there is no such key. */
  readonly revokeKey: (directory: string, id: string) => Promise<boolean>;
  /** Reads every byte and changes nothing. */
  readonly verify: (directory: string) => Promise<Verification>;
}

export type KeyType = 'admin' | 'write' | 'read';

export interface NewKey {
  readonly name: string;
  readonly type: KeyType;
  /** Of write and read keys. */
  readonly bucketId: string | undefined;
}

export interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly type: KeyType;
  readonly keyPrefix: string;
  readonly bucketId?: string | null;
}

export interface Verification {
  readonly fileCount: number;
  readonly byteCount: number;
  readonly damage: readonly { readonly file: string; readonly offset: number; readonly message: string }[];
}

/** The command was well formed and could not be done. */
class CommandError extends Error {}

/** The command was not well formed, in a way that the options alone do not tell. */
class UsageError extends Error {}

/**
 * Runs a command line, without the name of the program.
 * @returns the exit status: 0 done, 1 failed, 2 wrong usage or setting. Failures are told in one line on stderr.
 */
export async function run(commandLine: readonly string[], wiring: Wiring): Promise<number> {
  try {
    await program(wiring).parseAsync(commandLine, { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version end here too, with status 0; commander has printed what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`dakkio: ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`);
    return error instanceof ConfigError || error instanceof UsageError ? 2 : 1;
  }
}

function program(wiring: Wiring): Command {
  const root = new Command('dakkio')
    .description('A self-hosted time-series store with an HTTP API')
    .version(version())
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'dakkio: ')) });
  addServe(root, wiring);
  addKeys(root, wiring);
  addImport(root);
  addVerify(root, wiring);
  addBench(root);
  return root;
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function addServe(root: Command, wiring: Wiring): void {
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
    await serve(config, wiring.compose);
  });
}

function addKeys(root: Command, wiring: Wiring): void {
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
      const { key } = await onDirectory(given.dataDir, directory =>
        wiring.createKey(directory, { name: given.name, type: given.type, bucketId: given.bucket }),
      );
      process.stdout.write(`${key}\n`);
    });
  keys
    .command('list')
    .description('List all keys, without their secrets')
    .addOption(dataDirectoryOption())
    .action(async (given: { dataDir?: string }) => {
      const listed = await onDirectory(given.dataDir, wiring.listKeys);
      for (const { id, type, keyPrefix, bucketId, name } of listed) {
        process.stdout.write(
          `${id}  ${type.padEnd(5)}  ${keyPrefix}  ${bucketId ?? '-'.padEnd(24)}  ${name}\n`,
        );
      }
    });
  keys
    .command('revoke')
    .description('Revoke a key for ever')
    .argument('<id>', 'Id of the key, as listed')
    .addOption(dataDirectoryOption())
    .action(async (id: string, given: { dataDir?: string }) => {
      const isRevoked = await onDirectory(given.dataDir, directory => wiring.revokeKey(directory, id));
      if (!isRevoked) throw new CommandError(`There is no key ${id}`);
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

function addVerify(root: Command, wiring: Wiring): void {
  root
    .command('verify')
    .description('Read every byte of a data directory and say what is damaged; changes nothing')
    .argument('<directory>', 'Data directory of a stopped server')
    .action(async (given: string) => {
      const { fileCount, byteCount, damage } = await onDirectory(given, wiring.verify);
      for (const { file, offset, message } of damage) {
        process.stdout.write(`${file} at byte ${offset}: ${message}\n`);
      }
      if (damage.length > 0) throw new CommandError(`${damage.length} damaged places in ${given}`);
      process.stdout.write(`${fileCount} files, ${byteCount} bytes, no damage\n`);
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
