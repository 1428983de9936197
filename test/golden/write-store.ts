/**
 * Wrote test/golden/v1/store, once: manifest, segments and a log with what was not flushed. Kept to show how; never
 * to be run over files that exist (it refuses). A new format gets a directory and a program of its own beside these.
 *
 *   node dist/test/golden/write-store.js <directory>
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch, Column } from '../../engine/batch.js';
import { Engine } from '../../engine/engine.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { plainRows } from '../support/rows.js';

const root = process.argv[2];
if (root === undefined) throw new Error('Say where to write');
await mkdir(root);

const START = Date.UTC(2024, 0, 15, 10, 30);

function column(name: string, rowCount: number, value: (row: number) => number): Column {
  return { name, type: 'number', values: Float64Array.from({ length: rowCount }, (_, row) => value(row)) };
}

/** `rowCount` readings from `firstRow` on of a source that has something of everything. */
function readings(source: number, firstRow: number, rowCount: number): Batch {
  const at = (row: number) => firstRow + row;
  const numbers: Column[] = [
    column('temperature', rowCount, row => Math.round((20 + 5 * Math.sin(at(row) / 100)) * 10) / 10),
    column('counter', rowCount, row => at(row) * 3),
    column('constant', rowCount, () => 230),
    column('noise', rowCount, row => Math.sin(at(row) * 12.9898) * 43_758.5453),
    column('sparse', rowCount, row => (at(row) % 50 === 0 ? at(row) / 8 : Number.NaN)),
    column('levels', rowCount, row => [0.5, 1e300, -0, Infinity, 5e-324][at(row) % 5]),
  ];
  return {
    sources: [
      {
        source,
        timestamps: Float64Array.from({ length: rowCount }, (_, row) => START + at(row) * 1_000 + (at(row) % 7 === 0 ? 3 : 0)),
        fields: [
          ...numbers,
          { ...column('door', rowCount, row => (at(row) % 90 < 30 ? 1 : 0)), type: 'boolean' },
          { ...column('state', rowCount, row => at(row) % 3), type: 'string', dictionary: ['on', 'off', 'défaut 🌡'] },
        ],
        metadata: {
          values: Float64Array.from({ length: rowCount }, (_, row) => (at(row) % 4 === 0 ? 0 : Number.NaN)),
          dictionary: ['{"site":"Zürich","rack":{"row":3}}'],
        },
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
await engine.append(readings(3, 0, 1_100));
await engine.append(readings(9, 0, 10));
await engine.append(readings(4_000_000_000, 0, 1));
await engine.flush();
// Late rows, and rows of equal times, in a second segment.
await engine.append(readings(3, 400, 40));
await engine.erase([9]);
await engine.flush();
// The rest is only in the log.
await engine.append(readings(3, 1_090, 30));
await writeFile(join(root, 'rows.json'), `${JSON.stringify(await plainRows(engine, [3, 9, 4_000_000_000]))}\n`);
// No close: it would flush.
process.exit(0);
