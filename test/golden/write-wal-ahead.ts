/**
 * Wrote test/golden/v1/wal/ahead, once: files that stand ahead of their records, as a kill leaves them, the last one in
 * the place of another. Kept to show how; never to be run over files that exist (it refuses).
 *
 *   node dist/test/golden/write-wal-ahead.js <directory>
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { RecordType, type Sequence } from '../../wal/records.js';

const root = process.argv[2];
if (root === undefined) throw new Error('Say where to write');

const { points, erase, catalog } = RecordType;

/** 251 is prime: no stretch of these bytes repeats at a power of two. */
const bytes = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => (index + from) % 251);

const directory = await mkdtemp(join(tmpdir(), 'dakkio-golden-'));
const participant = { types: [points, erase, catalog], sealedThrough: 0 as Sequence, replay() {} };
let id = 0x05060708;
const log = await Log.open({
  disk: nodeDisk,
  directory,
  participants: [participant],
  segmentBytesMax: 6_000,
  aheadBytesMin: 4_096,
  randomId: () => (id = Math.imul(id, 0x9e3779b1) >>> 0),
});
const expected: { sequence: number; type: number; payload: string }[] = [];
const append = async (type: RecordType, ...parts: Uint8Array[]) => {
  const sequence = await log.append(type, parts);
  expected.push({ sequence, type, payload: Buffer.concat(parts).toString('base64') });
};
for (let index = 0; index < 5; index++) await append(points, bytes(1_100 + index));
await append(catalog, bytes(1_200));
participant.sealedThrough = 5 as Sequence;
await log.checkpoint();
await append(erase, bytes(4_500, 3));
await Promise.all([append(points, bytes(700, 9)), append(points, bytes(701, 8)), append(catalog)]);
await mkdir(root, { recursive: true });
await cp(directory, join(root, 'ahead'), { recursive: true, errorOnExist: true, force: false });
await log.close();
await rm(directory, { recursive: true });
const kept = expected.filter(({ sequence }) => sequence > 5);
await writeFile(join(root, 'ahead.json'), JSON.stringify(kept, null, 1) + '\n', { flag: 'wx' });
