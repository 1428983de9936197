/** What the data takes on the disk. */
import { join } from 'node:path';
import type { Engine } from '../../engine/engine.js';
import type { Disk } from '../../wal/disk.js';
import type { Log } from '../../wal/log.js';
import { LEDGER_FILES } from '../journal/files.js';
import { snapshotPath } from '../journal/snapshot.js';

export interface StoredBytesOptions {
  readonly disk: Disk;
  /** The data directory. */
  readonly directory: string;
  readonly engine: Pick<Engine, 'segmentBytes'>;
  readonly log: Pick<Log, 'bytes'>;
}

/** Segments and log are counted as they are written; the few other files are looked at. */
export async function storedBytes({ disk, directory, engine, log }: StoredBytesOptions): Promise<number> {
  const others = [join(directory, 'manifest'), ...LEDGER_FILES.map(file => snapshotPath(directory, file))];
  const sizes = await Promise.all(others.map(path => disk.size(path)));
  return sizes.reduce((total: number, size) => total + (size ?? 0), engine.segmentBytes + log.bytes);
}
