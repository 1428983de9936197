/**
 * Wrote test/golden/v2/store, once: segments with rollups and leaves, and a log with what was not flushed. Kept to show
 * how; never to be run over files that exist (it refuses).
 *
 *   node dist/test/golden/write-store-v2.js <directory>
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch, Column } from '../../engine/batch.js';
import { Engine } from '../../engine/engine.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { figuresOf } from '../support/figures.js';
import { digestOf, plainRows } from '../support/rows.js';

const root = process.argv[2];
if (root === undefined) throw new Error('Say where to write');
await mkdir(root);

const START = Date.UTC(2025, 5, 1, 10, 30);

function column(name: string, rowCount: number, value: (row: number) => number): Column {
  return { name, type: 'number', values: Float64Array.from({ length: rowCount }, (_, row) => value(row)) };
}

/** `rowCount` readings from `firstRow` on, `stepMs` apart, of a source that has something of everything. */
function readings(source: number, firstRow: number, rowCount: number, stepMs: number): Batch {
  const at = (row: number) => firstRow + row;
  return {
    sources: [
      {
        source,
        timestamps: Float64Array.from({ length: rowCount }, (_, row) => START + at(row) * stepMs),
        fields: [
          column('temperature', rowCount, row => Math.round((20 + 5 * Math.sin(at(row) / 100)) * 10) / 10),
          column('constant', rowCount, () => 230),
          column('sparse', rowCount, row => (at(row) % 500 === 7 ? at(row) / 8 : Number.NaN)),
          column('levels', rowCount, row => [0.5, 1e300, -0, Infinity, 5e-324][Math.floor(at(row) / 97) % 5]),
          { ...column('door', rowCount, row => (at(row) % 900 < 300 ? 1 : 0)), type: 'boolean' },
          {
            ...column('state', rowCount, row => Math.floor(at(row) / 250) % 3),
            type: 'string',
            dictionary: ['on', 'off', 'défaut 🌡'],
          },
        ],
        metadata: { values: new Float64Array(rowCount), dictionary: ['{"site":"Zürich"}'] },
      },
    ],
  };
}

const directory = join(root, 'data');
await mkdir(directory);
const engine = await Engine.open({ disk: nodeDisk, directory });
let id = 0x01020304;
const log = await Log.open({
  disk: nodeDisk,
  directory: join(directory, 'wal'),
  participants: [engine.participant],
  randomId: () => (id = Math.imul(id, 0x9e3779b1) >>> 0),
});
engine.start(log);
// Windows of a second, and of a minute and more: finer than blocks, so that blocks have no summaries.
await engine.append(readings(3, 0, 2_500, 3));
await engine.append(readings(4, 0, 1_100, 200));
// Windows of ten minutes with more rows than a block, which keep their summaries; and no rollups at all.
await engine.append(readings(5, 0, 3_000, 500));
await engine.append(readings(4_000_000_000, 0, 3, 60_000));
await engine.flush();
// Late rows, and rows of equal times, in a second segment.
await engine.append(readings(3, 400, 40, 3));
await engine.flush();
// The rest is only in the log.
await engine.append(readings(5, 2_990, 30, 500));
// Seven thousand rows would be a megabyte: their digest says as much.
await writeFile(join(root, 'rows.sha256'), `${digestOf(await plainRows(engine, [3, 4, 5, 4_000_000_000]))}\n`);
const figures = await figuresOf(nodeDisk, join(directory, 'segments'));
await writeFile(join(root, 'figures.txt'), `${figures.join('\n')}\n`);
// No close: it would flush.
process.exit(0);
