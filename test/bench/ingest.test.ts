import { unpack } from 'msgpackr';
import t from 'tap';
import { columnarBody } from '../../bench/bodies/columnar.js';
import { jsonBody, pointBody } from '../../bench/bodies/json.js';
import { lineBody } from '../../bench/bodies/line.js';
import { pointsOf, rectanglesOf, sourceRectangles } from '../../bench/bodies/rectangle.js';
import { benchIngest, ingestText, ingestWork } from '../../bench/ingest.js';
import { benchManySourcesIngest, manySourcesIngestText } from '../../bench/many-sources-ingest.js';
import { readingsOf } from '../../bench/reference.js';

for (const work of ['cpu-int', 'sensor'] as const) {
  t.test(`the ${work} work goes in whole`, async t => {
    const rows = work === 'sensor' ? 2_500 : 25;
    let sent = 0;
    const report = await benchIngest(ingestWork(work, rows), {
      nullSink: true,
      onProgress: points => {
        sent = points;
      },
    });
    t.equal(sent, 2_500);
    t.equal(report.points, 2_500);
    t.equal(report.values, work === 'sensor' ? 7_500 : 25_000);
    t.ok(report.storedBytes > 0);
    // Of what was read back.
    t.equal(report.hash, work === 'sensor' ? '47f0d7c2d66816f3' : '879464581989273f');
    t.match(ingestText(work, report), /bytes on disk.*a server that does nothing/s);
  });
}

t.test('few sources and many', async t => {
  const parts = await benchManySourcesIngest({ path: 'json', sources: [10, 150], points: 1_500 });
  t.same(
    parts.map(({ sources, report }) => [sources, report.points]),
    [
      [10, 1_500],
      [150, 1_500],
    ],
  );
  t.equal(parts[0].rateShare, 1);
  t.match(manySourcesIngestText('json', parts), /^ +150 +1,500 /m);
});

const bucket = { bucketId: 'b', ids: ['s0', 's1'] };
const readings = [0, 1].map(source =>
  readingsOf({
    source: `host_${source}`,
    timestamps: Float64Array.of(1_500, 2_000, 3_000),
    fields: new Map([
      ['x', Float64Array.of(1, 2.5, -3).map(value => value + source)],
      ['y', Float64Array.of(0.1, 1e-7, 1e21)],
    ]),
  }),
);
const rectangle = { sourceFrom: 0, sourceTo: 2, rowFrom: 1, rowTo: 3 };

t.test('bodies hold the rows they are made of', t => {
  const points = [
    { dataSourceId: 's0', timestamp: '1970-01-01T00:00:02Z', values: { x: 2.5, y: 1e-7 } },
    { dataSourceId: 's1', timestamp: '1970-01-01T00:00:02Z', values: { x: 3.5, y: 1e-7 } },
    { dataSourceId: 's0', timestamp: '1970-01-01T00:00:03Z', values: { x: -3, y: 1e21 } },
    { dataSourceId: 's1', timestamp: '1970-01-01T00:00:03Z', values: { x: -2, y: 1e21 } },
  ];
  t.same(JSON.parse(jsonBody(bucket, readings, rectangle).toString()), { bucketId: 'b', dataPoints: points });
  t.same(JSON.parse(pointBody(bucket, readings, 1, 0).toString()), {
    bucketId: 'b',
    dataSourceId: 's1',
    timestamp: '1970-01-01T00:00:01.500Z',
    values: { x: 2, y: 0.1 },
  });
  t.equal(
    lineBody(readings, rectangle).toString(),
    [
      'bench,hostname=host_0 x=2.5,y=1e-7 2000',
      'bench,hostname=host_1 x=3.5,y=1e-7 2000',
      'bench,hostname=host_0 x=-3,y=1e+21 3000',
      'bench,hostname=host_1 x=-2,y=1e+21 3000',
    ].join('\n'),
  );
  const { bucketId, columns } = unpack(columnarBody(bucket, readings, { ...rectangle, sourceFrom: 1 }));
  t.equal(bucketId, 'b');
  t.equal(columns.dataSourceId, 's1');
  const numbers = (bytes: Uint8Array) => Array.from(new Float64Array(new Uint8Array(bytes).buffer));
  t.same(numbers(columns.timestamps), [2_000, 3_000]);
  t.same(
    [numbers(columns.values.x), numbers(columns.values.y)],
    [
      [3.5, -2],
      [1e-7, 1e21],
    ],
  );
  t.end();
});

t.test('rectangles cover every row of every source once', t => {
  const cases: [sources: number, rows: number, pointsMax: number][] = [
    [1, 7, 3],
    [3, 5, 3],
    [3, 5, 7],
    [10, 4, 3],
    [2, 1, 1_000],
  ];
  for (const [sources, rows, pointsMax] of cases) {
    const one = { source: 's', rowCount: rows, timeAt: () => 0, fields: new Map() };
    const series = new Array(sources).fill(one);
    for (const rectangles of [rectanglesOf(series, pointsMax), sourceRectangles(series, pointsMax)]) {
      const seen = new Set<string>();
      let points = 0;
      for (const part of rectangles) {
        t.ok(pointsOf(part) > 0 && pointsOf(part) <= pointsMax);
        points += pointsOf(part);
        for (let source = part.sourceFrom; source < part.sourceTo; source++) {
          for (let row = part.rowFrom; row < part.rowTo; row++) seen.add(`${source} ${row}`);
        }
      }
      t.equal(points, sources * rows);
      t.equal(seen.size, sources * rows);
    }
  }
  t.end();
});
