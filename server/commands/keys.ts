import { type Command, Option } from 'commander';
import type { ApiKey, KeyType } from '../catalog/model.js';
import type { OfflineOptions } from '../catalog/offline.js';
import { SETTINGS } from '../config.js';
import { NAME_CHARACTERS_MAX } from '../limits.js';
import { onDirectory } from './directory.js';
import { UsageError } from './errors.js';

export function addKeys(root: Command): void {
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
      if (name === '' || [...name].length > NAME_CHARACTERS_MAX) {
        throw new UsageError(`--name must have 1 to ${NAME_CHARACTERS_MAX} characters`);
      }
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

function dataDirectoryOption(): Option {
  const { flag, variable, fallback, help } = SETTINGS.dataDirectory;
  return new Option(`--${flag} <path>`, `${help} (${variable}, default ${fallback})`);
}

/** One line a key: id, type, what is shown of it, bucket, time of its last use, name. */
function keyLine({ id, type, keyPrefix, bucketId, name }: ApiKey, lastUsedAt: number | undefined): string {
  const used = lastUsedAt === undefined ? 'never used' : new Date(lastUsedAt).toISOString();
  return [id, type.padEnd(5), keyPrefix, (bucketId ?? '-').padEnd(24), used.padEnd(24), printable(name)].join(
    '  ',
  );
}

/** The API takes any character in a name: a line break would forge a line of the list, an escape drive the terminal. */
function printable(name: string): string {
  return name.replaceAll(
    /\p{Control}/gu,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function onCatalog<Result>(
  dataDirectory: string | undefined,
  work: (offline: typeof import('../catalog/offline.js'), options: OfflineOptions) => Promise<Result>,
): Promise<Result> {
  return onDirectory(dataDirectory, async directory => {
    const [offline, { nodeDisk }, { systemClock }] = await Promise.all([
      import('../catalog/offline.js'),
      import('../../wal/disk.js'),
      import('../../engine/base/time.js'),
    ]);
    return work(offline, { disk: nodeDisk, directory, clock: systemClock });
  });
}
