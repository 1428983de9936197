/**
 * Wrote test/golden/v1/wal, once. Kept to show how; never to be run over files that exist (it refuses).
 * A new format gets a directory and a program of its own beside these.
 *
 *   node dist/test/golden/write-wal.js <directory>
 */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { RecordType, type Sequence } from '../../wal/records.js';

const root = process.argv[2];
if (root === undefined) throw new Error('Say where to write');

const { points, erase, catalog } = RecordType;

/** 251 is prime: no stretch of these bytes repeats at a power of two. */
const bytes = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => (index + from) % 251);

async function write(name: string, tail: Uint8Array): Promise<void> {
  const directory = join(root, name);
  await mkdir(root, { recursive: true });
  await mkdir(directory);
  const expected: { sequence: number; type: number; payload: string }[] = [];
  let id = 0x01020304;
  const open = (sealedThrough: number) =>
    Log.open({
      disk: nodeDisk,
      directory,
      participants: [{ types: [points, erase, catalog], sealedThrough: sealedThrough as Sequence, replay() {} }],
      segmentBytesMax: 10_000,
      randomId: () => (id = Math.imul(id, 0x9e3779b1) >>> 0),
    });
  const append = async (log: Log, type: RecordType, ...parts: Uint8Array[]) => {
    const sequence = await log.append(type, parts);
    expected.push({ sequence, type, payload: Buffer.concat(parts).toString('base64') });
  };

  let log = await open(0);
  await append(log, points, bytes(7), bytes(9_000), bytes(1));
  await append(log, catalog);
  await Promise.all([append(log, erase, bytes(8)), append(log, points, bytes(9)), append(log, catalog, bytes(16))]);
  await append(log, points, bytes(1_000, 5));
  await log.close();
  // A sequence beyond 32 bits, after a gap that the header explains.
  log = await open(0x1_0000_0000);
  await append(log, points, bytes(100));
  await append(log, erase, bytes(101));
  const last = (await nodeDisk.list(directory)).at(-1)!;
  await log.close();
  await appendFile(join(directory, last), tail);
  await writeFile(join(root, `${name}.json`), JSON.stringify(expected, null, 1) + '\n', { flag: 'wx' });
}

await write('clean', new Uint8Array(0));
await write('torn', bytes(300, 17));
