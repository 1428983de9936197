/** Conditions pass over blocks that cannot match, and never over one that does. */
import t from 'tap';
import { HOUR_MS, SECOND_MS } from '../../../engine/base/time.js';
import type { Column } from '../../../engine/batch.js';
import type { ScanHints } from '../../../engine/storage.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';

const ROWS = 20 * 1_024;
const BLOCK = 1_024;

/** Rises by one each second; `rare` and metadata stand in one block only. */
function batch(stepMs: number) {
  const timestamps = Float64Array.from({ length: ROWS }, (_, row) => row * stepMs);
  const inFifth = (row: number) => Math.floor(row / BLOCK) === 5;
  const fields: Column[] = [
    { name: 'level', type: 'number', values: timestamps.map((_, row) => row) },
    { name: 'rare', type: 'number', values: timestamps.map((_, row) => (inFifth(row) ? 1 : Number.NaN)) },
    { name: 'text', type: 'string', values: timestamps.map(() => 0), dictionary: ['a'] },
  ];
  const values = timestamps.map((_, row) => (inFifth(row) ? 0 : Number.NaN));
  return { source: 1, timestamps, fields, metadata: { values, dictionary: ['{"a":1}'] } };
}

const CASES: readonly [name: string, hints: ScanHints | undefined, blocks: number][] = [
  ['nothing asked', undefined, 20],
  ['no conditions', {}, 20],
  ['from a value on', { values: { level: { gte: 18 * BLOCK } } }, 2],
  ['beyond a value, which ends a block', { values: { level: { gt: 18 * BLOCK - 1 } } }, 3],
  ['below', { values: { level: { lt: 100 } } }, 1],
  ['between', { values: { level: { gte: 3 * BLOCK, lte: 5 * BLOCK - 1 } } }, 2],
  ['one value', { values: { level: { eq: 7_000 } } }, 1],
  ['not one value', { values: { level: { ne: 7_000 } } }, 20],
  ['a value that nothing has', { values: { level: { eq: -1 } } }, 0],
  ['two fields', { values: { level: { lt: 5 * BLOCK - 1 }, rare: { gte: 0 } } }, 0],
  ['a field that few have', { values: { rare: {} } }, 1],
  ['a field that nothing has', { values: { other: { gt: 1 } } }, 0],
  ['a text: only that there is one', { values: { text: { eq: 'b' } } }, 20],
  ['metadata', { metadata: true }, 1],
];

async function readBlocks(stepMs: number, check: (name: string, blocks: number, wanted: number) => void) {
  const { engine, close } = await openEngine(new FakeDisk());
  await engine.append({ sources: [batch(stepMs)] });
  await engine.flush();
  const range = { sources: [1], startTime: 0, endTime: ROWS * stepMs };
  const plan = engine.plan({ ...range, groups: { unit: 'all' } });
  for (const order of ['asc', 'desc'] as const) {
    for (const [name, hints, blocks] of CASES) {
      let rows = 0;
      for await (const chunk of engine.scan({ ...range, order, metadata: false, hints })) {
        rows += chunk.timestamps.length;
      }
      check(`${name}, ${order}`, rows / BLOCK, blocks);
    }
  }
  await close();
  return plan[0].places[0].steps;
}

t.test('blocks that are read, told from their summaries', async t => {
  const steps = await readBlocks(HOUR_MS, (name, blocks, wanted) => t.equal(blocks, wanted, name));
  t.same(
    steps.map(step => step.levelMs),
    [undefined],
    'there are no windows',
  );
});

t.test('blocks that are read, told from windows that are finer than blocks', async t => {
  const steps = await readBlocks(SECOND_MS, (name, blocks, wanted) => {
    // A window at a block's end has values of the next.
    t.ok(blocks >= wanted && blocks <= Math.min(20, wanted + 2), `${name}: ${blocks} for ${wanted}`);
  });
  t.equal(steps[0].levelMs, 10 * 60 * SECOND_MS, 'windows of 600 rows');
});
