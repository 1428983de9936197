import { readConfig } from '../config.js';
import { CommandError } from './errors.js';

/** Works on the data directory given, or else set, while no server can. */
export async function onDirectory<Result>(
  given: string | undefined,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const { dataDirectory } = readConfig({ dataDirectory: given }, process.env);
  const { lockDirectory } = await import('../lock.js');
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
