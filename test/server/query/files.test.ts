/** Files that queries in threads read: there until the last answer, and gone from the disk soon after. */
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import type { QueryRequest } from '../../../engine/query/request.js';
import type { AnswerShape } from '../../../server/query/answer.js';
import { QueryPool } from '../../../server/query/pool.js';
import { Queries } from '../../../server/query/queries.js';
import { nodeDisk } from '../../../wal/disk.js';
import { openEngine } from '../../support/engine-on-disk.js';

const ROWS = 5_000;
const KEPT_FROM = 3_500;
const QUERIES = 6;

const REQUEST: QueryRequest = {
  sources: [1, 2],
  startTime: 0,
  endTime: ROWS,
  order: 'asc',
  limit: 100_000,
  offset: 0,
};
const SHAPE: AnswerShape = {
  sourceIds: new Map([
    [1, 'kept'],
    [2, 'erased'],
  ]),
  layout: 'columns',
  encoding: 'json',
  metadata: {},
  startedAt: 0,
};

t.test(
  'rows that expire, move or are erased are in all answers asked for before',
  { timeout: 60_000 },
  async t => {
    const directory = t.testdir();
    let keepFrom = new Map<number, number>();
    const { engine, close } = await openEngine(nodeDisk, { directory, keepFrom: () => keepFrom });
    t.teardown(close);
    const pool = new QueryPool({ threads: 1, onError: error => t.fail(String(error)) });
    t.teardown(() => pool.close());
    const queries = new Queries({
      storage: engine,
      pool,
      timeMaxMs: 60_000,
      pointsMax: 0,
      inlineMicrosecondsMax: -1,
    });
    const ask = async () => {
      const body = await queries.answer(REQUEST, SHAPE, new AbortController().signal);
      const { columns } = JSON.parse(Buffer.from(body).toString());
      return Object.fromEntries(
        Object.entries<{ timestamps: number[] }>(columns).map(([id, { timestamps }]) => [
          id,
          timestamps.length,
        ]),
      );
    };
    const append = async (source: number, from: number, to: number) => {
      const timestamps = Float64Array.from({ length: to - from }, (_, row) => from + row);
      const fields = [{ name: 'v', type: 'number', values: timestamps } as const];
      await engine.append({ sources: [{ source, timestamps, fields }] });
    };
    for (const from of [0, 1_000, 2_000]) {
      for (const source of [1, 2]) await append(source, from, from + 1_000);
      await engine.flush();
    }
    for (const source of [1, 2]) await append(source, 3_000, ROWS);
    const segmentsBefore = segmentsIn(directory);

    const asked = Array.from({ length: QUERIES }, ask);
    await engine.flush();
    keepFrom = new Map([[1, KEPT_FROM]]);
    await engine.compact();
    const askedAfterExpiry = ask();
    await engine.erase([2]);
    await engine.compact();
    const askedAfterErase = ask();
    for (const rows of await Promise.all(asked)) t.same(rows, { kept: ROWS, erased: ROWS });
    t.match(await askedAfterExpiry, { erased: ROWS });
    t.same(Object.keys(await askedAfterErase), ['kept']);
    // Only now is nobody left who reads what was there before.
    await engine.compact();
    const left = await ask();
    t.ok(left.kept >= ROWS - KEPT_FROM && left.kept < ROWS, `expired: ${left.kept} rows`);

    const gone = segmentsBefore.filter(name => !segmentsIn(directory).includes(name));
    t.same(gone, segmentsBefore, 'their files have no name any more');
    if (process.platform !== 'linux') return;
    t.ok(deletedButOpen(directory).length > 0, 'but the thread still has them open');
    while (deletedButOpen(directory).length > 0) await setTimeout(100);
    t.pass('and closes them, or this would never end');
  },
);

function segmentsIn(directory: string): string[] {
  return readdirSync(join(directory, 'segments')).filter(name => name.endsWith('.segment'));
}

/** Files of the directory that take space though no name leads to them. Descriptors belong to all threads. */
function deletedButOpen(directory: string): string[] {
  return readdirSync('/proc/self/fd').flatMap(descriptor => {
    try {
      const target = readlinkSync(`/proc/self/fd/${descriptor}`);
      return target.startsWith(directory) && target.endsWith(' (deleted)') ? [target] : [];
    } catch {
      // Closed since the list was made.
      return [];
    }
  });
}
