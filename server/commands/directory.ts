import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../config.js';
import { CommandError } from './errors.js';

/** What every data directory has one of, from its first start on. */
const TRACES = ['catalog.snapshot', 'manifest', 'segments', 'wal'];

/** Works on the data directory given, or else set, while no server can. */
export async function onDirectory<Result>(
  given: string | undefined,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const { dataDirectory } = readConfig({ dataDirectory: given }, process.env);
  await checkDirectory(dataDirectory);
  const { lockDirectory } = await import('../lock.js');
  const lock = await lockDirectory(dataDirectory);
  try {
    return await work(dataDirectory);
  } finally {
    await lock.release();
  }
}

/** A wrong path must not look like an empty store, and nothing must be made there. */
async function checkDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new CommandError(`There is no data directory ${directory}`);
  });
  if (!found.isDirectory()) throw new CommandError(`${directory} is not a directory`);
  const traces = TRACES.map(name =>
    stat(join(directory, name)).then(
      () => true,
      () => false,
    ),
  );
  if ((await Promise.all(traces)).includes(true)) return;
  throw new CommandError(`${directory} is not a data directory: no server has kept anything in it`);
}
