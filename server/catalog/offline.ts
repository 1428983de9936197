/** Keys for the command line, over a data directory that no server has open. */
import { join } from 'node:path';
import type { Clock } from '../../engine/base/time.js';
import { EMPTY_MANIFEST, readManifest } from '../../engine/segment/manifest.js';
import type { Disk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { type LogParticipant, RecordType, type Sequence } from '../../wal/records.js';
import { CATALOG_FILE, LEDGER_FILES } from '../journal/files.js';
import { readSnapshot } from '../journal/snapshot.js';
import { Catalog, type CreatedKey, type NewKey } from './catalog.js';
import type { ApiKey } from './model.js';

export interface OfflineOptions {
  readonly disk: Disk;
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
}

export interface ListedKey {
  readonly apiKey: ApiKey;
  /** Milliseconds, as of the last snapshot; undefined where it was never used. */
  readonly lastUsedAt: number | undefined;
}

/** What was asked for is not there. */
export class CatalogNotFoundError extends Error {
  readonly code = 'CATALOG_NOT_FOUND';
}

/** Own the records that are not the catalog's, without looking at them. */
async function untouched({ disk, directory }: OfflineOptions): Promise<LogParticipant[]> {
  // Without what they have sealed the log would miss the records that segments and snapshots have taken over.
  const { sealedThrough } = (await readManifest(disk, directory)) ?? EMPTY_MANIFEST;
  const types = [RecordType.points, RecordType.erase];
  const participants: LogParticipant[] = [{ types, sealedThrough, replay() {} }];
  for (const file of LEDGER_FILES) {
    if (file === CATALOG_FILE) continue;
    const snapshot = await readSnapshot(disk, directory, file);
    const sealed = snapshot?.sequence ?? (0 as Sequence);
    participants.push({ types: [file.type], sealedThrough: sealed, replay() {} });
  }
  return participants;
}

/** Makes a key; durable when the promise resolves. @throws CatalogNotFoundError where there is no such bucket, or nothing at all. */
export function createKey(options: OfflineOptions, key: NewKey): Promise<CreatedKey> {
  return withCatalog(options, async catalog => {
    if (key.bucketId !== null && catalog.bucket(key.bucketId) === undefined) {
      throw new CatalogNotFoundError(`There is no bucket ${key.bucketId}`);
    }
    return catalog.createKey(key);
  });
}

/** Every key, oldest first. @throws CatalogNotFoundError where there is nothing at all. */
export function listKeys(options: OfflineOptions): Promise<ListedKey[]> {
  return withCatalog(options, async catalog =>
    catalog.allKeys().map(apiKey => ({ apiKey, lastUsedAt: catalog.lastUsedAt(apiKey.id) })),
  );
}

/** Deletes a key; it fails from the next start on. @throws CatalogNotFoundError where there is no such key. */
export function revokeKey(options: OfflineOptions, id: string): Promise<ApiKey> {
  return withCatalog(options, async catalog => {
    const apiKey = catalog.key(id);
    if (apiKey === undefined) throw new CatalogNotFoundError(`There is no API key ${id}`);
    await catalog.deleteKey(id);
    return apiKey;
  });
}

async function withCatalog<T>(options: OfflineOptions, use: (catalog: Catalog) => Promise<T>): Promise<T> {
  const { disk, directory } = options;
  const catalog = await Catalog.open(options);
  const log = await Log.open({
    disk,
    directory: join(directory, 'wal'),
    participants: [catalog.participant, ...(await untouched(options))],
  });
  catalog.start(log);
  try {
    if (catalog.isEmpty) throw new CatalogNotFoundError(`There is no catalog in ${directory}`);
    return await use(catalog);
  } finally {
    await log.close();
  }
}
