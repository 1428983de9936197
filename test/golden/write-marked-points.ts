/**
 * Wrote test/golden/v2/marked, once: a log with batches that have marks, some of them in a segment already. Kept to show
 * how; never to be run over files that exist (it refuses).
 *
 *   node dist/test/golden/write-marked-points.js <directory>
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from '../../engine/batch.js';
import { Engine } from '../../engine/engine.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import type { Sequence } from '../../wal/records.js';
import { digestOf, plainRows } from '../support/rows.js';

const root = process.argv[2];
if (root === undefined) throw new Error('Say where to write');
await mkdir(root);

function readings(source: number, firstTime: number, rowCount: number): Batch {
  return {
    sources: [
      {
        source,
        timestamps: Float64Array.from({ length: rowCount }, (_, row) => firstTime + row * 1_000),
        fields: [
          { name: 't', type: 'number', values: Float64Array.from({ length: rowCount }, (_, row) => row / 8) },
          {
            name: 'state',
            type: 'string',
            values: Float64Array.from({ length: rowCount }, (_, row) => row % 2),
            dictionary: ['on', 'défaut 🌡'],
          },
        ],
      },
    ],
  };
}

const directory = join(root, 'data');
await mkdir(directory);
const marks: [sequence: number, text: string][] = [];
const keeper = {
  // Nothing of the marks is kept elsewhere: the log may not let go of their records.
  sealedThrough: 0 as Sequence,
  apply: (mark: Uint8Array, sequence: Sequence) => {
    marks.push([sequence, Buffer.from(mark).toString()]);
  },
};
const engine = await Engine.open({ disk: nodeDisk, directory, marks: keeper });
let id = 0x05060708;
const log = await Log.open({
  disk: nodeDisk,
  directory: join(directory, 'wal'),
  participants: engine.participants,
  randomId: () => (id = Math.imul(id, 0x9e3779b1) >>> 0),
});
engine.start(log);
const marked = (batch: Batch, text: string) =>
  engine.append(batch, firstRows => Buffer.from(text.replace('#', String(firstRows[0]))));
await marked(readings(3, 1_705_276_800_000, 5), 'first row #');
await engine.append(readings(4, 1_705_276_800_000, 2));
await marked(readings(4, 1_705_276_900_000, 1), '');
await engine.flush();
// The rest is only in the log: marks of every length up to the next multiple of 8.
for (let length = 1; length <= 8; length++) {
  await marked(readings(3, 1_705_277_000_000 + length, 1), 'x'.repeat(length));
}
await engine.append(readings(4, 1_705_277_000_000, 3));
await marked(readings(4, 1_705_276_000_000, 3), 'first row #, and 🌡');
await writeFile(join(root, 'rows.sha256'), `${digestOf(await plainRows(engine, [3, 4]))}\n`);
await writeFile(join(root, 'marks.json'), `${JSON.stringify(marks)}\n`);
// No close: it would flush.
process.exit(0);
