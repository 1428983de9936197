import t from 'tap';
import type { QueryRequest } from '../../../engine/query/request.js';
import type { ScanChunk, ScanRequest, SourceStats } from '../../../engine/storage.js';
import { type Point, sourceBatchOf } from '../../support/columns.js';
import { runQuery } from '../../support/query-rows.js';
import { ReferenceStorage } from '../../support/reference-storage.js';

/** So many that no machine reads them in one turn; a query that never gives way ends all the same. */
const CHUNKS_MAX = 200_000;

function requestOf(part: Partial<QueryRequest>): QueryRequest {
  return { sources: [1, 2], startTime: 0, endTime: 1_000, order: 'asc', limit: 1_000, offset: 0, ...part };
}

const GROUPED: Partial<QueryRequest> = { aggregations: ['sum'], groups: { unit: 'second', count: 1 } };

/** Gives one chunk over and over, and knows whether it was let go of. */
class EndlessStorage extends ReferenceStorage {
  closed = false;

  override stats(): SourceStats {
    return { rowCount: CHUNKS_MAX, firstTime: 5, lastTime: 5 };
  }

  override async *scan(): AsyncGenerator<ScanChunk> {
    const chunk: ScanChunk = {
      source: 1,
      timestamps: Float64Array.of(5),
      rows: Float64Array.of(0),
      fields: [{ name: 'v', type: 'number', values: Float64Array.of(1) }],
    };
    try {
      for (let count = 0; count < CHUNKS_MAX; count++) yield chunk;
    } finally {
      this.closed = true;
    }
  }
}

t.test('a query that nobody waits for stops reading, whatever it has found', async t => {
  const noMatch = { values: { v: { gt: 1 } } };
  const cases: [string, Partial<QueryRequest>][] = [
    ['rows of which none matches', noMatch],
    ['groups of which none has a row that matches', { ...noMatch, ...GROUPED }],
    ['one group without an end', { values: { v: { gte: 1 } }, ...GROUPED }],
  ];
  for (const [name, part] of cases) {
    const storage = new EndlessStorage();
    const controller = new AbortController();
    const reason = new Error('gone');
    setImmediate(() => controller.abort(reason));
    await t.rejects(runQuery(storage, requestOf({ sources: [1], ...part }), controller.signal), reason, name);
    t.ok(storage.closed, `${name}: the scan is let go of`);
  }
});

t.test('a scan is let go of once the answer is full', async t => {
  const storage = new EndlessStorage();
  const result = await runQuery(storage, requestOf({ sources: [1], limit: 3 }));
  t.same([result.rows.length, result.hasMore, result.pointsScanned], [3, true, 4]);
  t.ok(storage.closed);
});

/** Takes a point of source 2 whenever a query comes to that source. */
class BusyStorage extends ReferenceStorage {
  readonly #late: Point;

  constructor(late: Point) {
    super();
    this.#late = late;
  }

  override async *scan(request: ScanRequest): AsyncGenerator<ScanChunk> {
    if (request.sources.includes(2)) await this.append({ sources: [sourceBatchOf(2, [this.#late])] });
    yield* super.scan(request);
  }
}

t.test('points that come during a query leave its order as it was', async t => {
  const values = { v: 1 };
  const at = (...times: number[]) => times.map(time => ({ time, values }));
  const cases: ['asc' | 'desc', number, number[]][] = [
    // Each time source 2 is opened when the merge is at 500.
    ['asc', 100, [0, 200, 500, 500, 600]],
    ['desc', 900, [800, 500, 500, 400, 200]],
  ];
  for (const [order, lateTime, wanted] of cases) {
    const storage = new BusyStorage({ time: lateTime, values });
    const isUp = order === 'asc';
    await storage.append({
      sources: [
        sourceBatchOf(1, isUp ? at(0, 200, 500) : at(200, 500, 800)),
        sourceBatchOf(2, isUp ? at(500, 600) : at(400, 500)),
      ],
    });
    const { rows } = await runQuery(storage, requestOf({ order }));
    t.same(
      rows.map(row => row.timestamp),
      wanted,
      order,
    );
  }
});

t.test('nor do they leave groups out of order', async t => {
  const at = (...seconds: number[]) => seconds.map(second => ({ time: second * 1_000, values: { v: 1 } }));
  for (const order of ['asc', 'desc'] as const) {
    const storage = new BusyStorage(at(order === 'asc' ? 1 : 9)[0]);
    await storage.append({ sources: [sourceBatchOf(1, at(0, 2, 5, 8)), sourceBatchOf(2, at(5))] });
    const request = requestOf({ order, endTime: 10_000, values: { v: { eq: 1 } }, ...GROUPED });
    const { rows } = await runQuery(storage, request);
    const wanted = ['1@0', '1@2', '1@5', '2@5', '1@8'];
    t.same(
      rows.map(row => `${row.source}@${row.timestamp / 1_000}`),
      order === 'asc' ? wanted : wanted.toReversed(),
      order,
    );
  }
});
