/** `dakkio verify`: reads every byte that a data directory's safety rests on, and changes nothing. */
import { join } from 'node:path';
import { verifyEngine } from '../engine/verify.js';
import type { Disk } from '../wal/disk.js';
import { inspectLog } from '../wal/inspect.js';
import { readSnapshot } from './catalog/snapshot.js';

export interface DirectoryVerdict {
  readonly damages: readonly string[];
}

/**
 * `print` is given a line for each file as it has been read. No server may have the directory open.
 * @throws (rejects) what the disk throws, such as ENOENT where there is no such directory.
 */
export async function verifyDirectory(
  disk: Disk,
  directory: string,
  print: (line: string) => void,
): Promise<DirectoryVerdict> {
  const damages: string[] = [];
  try {
    const snapshot = await readSnapshot(disk, directory);
    print(
      snapshot === undefined
        ? 'catalog   no snapshot yet'
        : `catalog   ok, through record ${snapshot.sequence}`,
    );
  } catch (error) {
    if ((error as { code?: string }).code !== 'CATALOG_CORRUPT') throw error;
    damages.push((error as Error).message);
    print('catalog   DAMAGED');
  }
  const engine = await verifyEngine(
    disk,
    directory,
    ({ file, rowCount, blockCount, bytes, damages: found }) => {
      const verdict = found.length === 0 ? 'ok' : 'DAMAGED';
      print(`segment   ${verdict}, ${rowCount} rows in ${blockCount} blocks, ${bytes} bytes: ${file}`);
    },
  );
  damages.push(...engine.damages);
  const log = await inspectLog(disk, join(directory, 'wal'));
  for (const { name, bytes, records, verdict } of log.files) {
    const word = { clean: 'ok', torn: 'ok (torn tail)', 'half-made': 'ok (half-made)', corrupt: 'DAMAGED' }[
      verdict
    ];
    print(`log       ${word}, ${records} records, ${bytes} bytes: ${name}`);
  }
  damages.push(...log.damage.map(({ message }) => message));
  return { damages };
}
