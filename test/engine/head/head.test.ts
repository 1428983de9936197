import t from 'tap';
import type { SourceBatch } from '../../../engine/batch.js';
import { RegionPool } from '../../../engine/head/arena.js';
import { Head } from '../../../engine/head/head.js';
import { imageOf, sortedSources } from '../../../engine/head/image.js';
import { appendRows } from '../../support/head.js';

function rows(source: number, times: number[], fields: Record<string, number[]>): SourceBatch {
  return {
    source,
    timestamps: Float64Array.from(times),
    fields: Object.entries(fields).map(([name, values]) => ({
      name,
      type: 'number',
      values: Float64Array.from(values),
    })),
  };
}

t.test('columns grow, and a column that comes late has no values before', t => {
  const head = new Head(new RegionPool());
  const count = 5_000;
  for (let row = 0; row < count; row++) appendRows(head, rows(3, [row], { a: [row * 2] }), row);
  appendRows(head, rows(3, [count], { b: [7] }), count);
  const source = head.source(3);
  if (source === undefined) throw new Error('no source');
  t.equal(source.rowCount, count + 1);
  t.same(
    source.columns.map(column => column.name),
    ['a', 'b'],
  );
  const a = source.values(0, 0, source.rowCount);
  const b = source.values(1, 0, source.rowCount);
  for (let row = 0; row < count; row++) {
    if (a[row] !== row * 2 || !Number.isNaN(b[row])) t.fail(`row ${row}: ${a[row]}, ${b[row]}`);
  }
  t.ok(Number.isNaN(a[count]));
  t.equal(b[count], 7);
  t.equal(source.sorted, true);
  t.end();
});

t.test('rows of a source must be consecutive', t => {
  const head = new Head(new RegionPool());
  appendRows(head, rows(1, [0], { a: [1] }), 10);
  t.throws(() => appendRows(head, rows(1, [0], { a: [1] }), 12), /consecutive/);
  t.end();
});

t.test('an image gives the sources sorted, equal times in order of arrival', t => {
  const head = new Head(new RegionPool());
  appendRows(head, rows(9, [5, 3, 5, 1], { a: [50, 30, 51, 10] }), 100);
  appendRows(head, rows(2, [1], { a: [1] }), 0);
  appendRows(head, rows(9, [3], { a: [31] }), 104);
  const [first, second] = [...sortedSources(structuredClone(imageOf(head)))];
  t.equal(first.source, 2);
  t.equal(second.source, 9);
  const [{ timestamps, rows: numbers }] = second.keys();
  t.same([...timestamps], [1, 3, 3, 5, 5]);
  t.same([...numbers], [103, 101, 104, 100, 102]);
  const [{ values }] = second.values(0);
  t.same([...values], [10, 30, 31, 50, 51]);
  t.end();
});

t.test('texts of several batches share one dictionary', t => {
  const head = new Head(new RegionPool());
  const texts = (dictionary: string[], values: number[], firstRow: number) =>
    appendRows(
      head,
      {
        source: 1,
        timestamps: Float64Array.from(values, () => 0),
        fields: [{ name: 's', type: 'string', values: Float64Array.from(values), dictionary }],
      },
      firstRow,
    );
  texts(['x', 'y'], [0, 1, 0], 0);
  texts(['y', 'z'], [1, 0, Number.NaN], 3);
  const source = head.source(1);
  const dictionary = source?.columns[0].dictionary ?? [];
  const values = [...(source?.values(0, 0, 6) ?? [])].map(value => dictionary[value]);
  t.same(values, ['x', 'y', 'x', 'z', 'y', undefined]);
  t.end();
});

t.test('memory is counted and a dropped source is gone', t => {
  const head = new Head(new RegionPool());
  const before = head.bytes;
  appendRows(head, rows(1, [1], { a: [1] }), 0);
  t.ok(head.bytes > before);
  head.drop(1);
  t.equal(head.rowCount, 0);
  t.equal(head.source(1), undefined);
  t.end();
});
