/** The two ways of a body, from its bytes and through JSON.parse, held to one another. */
import t, { type Test } from 'tap';
import { type PackedBatch, packBatch } from '../../../engine/batch.js';
import type { DataSource } from '../../../server/catalog/model.js';
import { ApiError } from '../../../server/errors.js';
import { parseColumns } from '../../../server/ingest/column-body.js';
import { JsonColumns } from '../../../server/ingest/json-columns.js';
import { JsonPoints } from '../../../server/ingest/json-points.js';
import { parsePoints } from '../../../server/ingest/points.js';
import type { ScannedPoints } from '../../../server/ingest/scanned.js';
import { SourceIndex } from '../../../server/ingest/source-index.js';
import { isId, parseJson } from '../../../server/schemas/common.js';
import { batchSchema, columnsSchema, ingestSchema } from '../../../server/schemas/ingest.js';
import { compile } from '../../../server/schemas/validate.js';
import { anyBatch, anyColumns, anyPoint, mutated } from '../../support/json-bodies.js';
import { Random, testSeed } from '../../support/random.js';

const seed = testSeed();
t.comment(`seed ${seed}`);

const NOW = 1_700_000_000_123;
const POINTS_MAX = 50;
const BUCKET = 'b0b0b0b0b0b0b0b0b0b0b0b0';
const SOURCES = Array.from({ length: 5 }, (_, index) => sourceOf(index));
const byId = new Map(SOURCES.map(source => [source.id, source]));
const catalog = { source: (id: string) => byId.get(id) };
const index = new SourceIndex(catalog);
const points = new JsonPoints(index);
const columns = new JsonColumns(index);
const limits = { bodyBytesMax: 1e9, columnBytesMax: 1e9, batchPointsMax: POINTS_MAX };
const schemas = {
  batch: compile(batchSchema(limits)),
  columns: compile(columnsSchema),
  point: compile(ingestSchema),
};

function sourceOf(index: number): DataSource {
  return {
    id: `${index}a`.repeat(12),
    ordinal: index + 1,
    bucketId: BUCKET,
    name: `source ${index}`,
    type: 'sensor',
    description: null,
    fields: [],
    downsampling: true,
    status: 'active',
    createdAt: 0,
    updatedAt: 0,
  };
}

interface Parsed {
  readonly bucketId: string;
  readonly batch: PackedBatch;
  readonly count: number;
}

const context = {
  now: NOW,
  pathOf: () => ['body'],
  source: (id: string) => byId.get(id),
  types: () => new Map(),
};

interface Body {
  readonly bucketId: string;
  readonly dataPoints?: unknown[];
  readonly columns?: unknown;
}

/** The general way; undefined where it refuses. */
function parse(bytes: Uint8Array, kind: 'batch' | 'point'): Parsed | undefined {
  try {
    const json = parseJson(bytes) as { columns?: unknown } | null;
    const isColumns = kind === 'batch' && json?.columns !== undefined;
    const body = schemas[isColumns ? 'columns' : kind].parse(json, 'body') as Body;
    if (!isId(body.bucketId) || (isColumns && body.dataPoints !== undefined)) return undefined;
    if (isColumns) {
      const { rows } = parseColumns(body.columns, context);
      return {
        bucketId: body.bucketId,
        batch: packBatch({ sources: [rows] }),
        count: rows.timestamps.length,
      };
    }
    const given = kind === 'batch' ? (body.dataPoints as unknown[]) : [body];
    const { batch } = parsePoints(given, context);
    return { bucketId: body.bucketId, batch: packBatch(batch), count: given.length };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Bodies come in memory that the next one is written to, and of the kind whose `slice` copies nothing. */
const memory = Buffer.alloc(1024 * 1024);

function scan(body: Uint8Array, kind: 'batch' | 'point'): ScannedPoints | undefined {
  const bytes = body.length <= memory.length ? memory.subarray(0, body.length) : Buffer.from(body);
  bytes.set(body);
  if (kind === 'point') return points.readPoint(bytes, NOW);
  return points.readBatch(bytes, NOW, POINTS_MAX) ?? columns.read(bytes);
}

/** Whether the bytes were read without JSON.parse; fails where that came to anything else than JSON.parse does. */
function compare(t: Test, bytes: Uint8Array, kind: 'batch' | 'point'): boolean {
  const scanned = scan(bytes, kind);
  if (scanned === undefined) return false;
  const parsed = parse(bytes, kind);
  const problem = difference(scanned, parsed);
  if (problem !== undefined) t.fail(`${problem}: ${Buffer.from(bytes)}`);
  if (scan(bytes, kind) === undefined) t.fail(`read once, and not again: ${Buffer.from(bytes)}`);
  return true;
}

function difference(scanned: ScannedPoints, parsed: Parsed | undefined): string | undefined {
  if (parsed === undefined) return 'read, though it must be refused';
  if (scanned.bucketId !== parsed.bucketId || scanned.count !== parsed.count)
    return 'another bucket or count';
  const { batch } = scanned;
  if (describe(batch) !== describe(parsed.batch)) return 'other columns';
  if (batch.sources.some(({ layout }, at) => layout !== parsed.batch.sources[at].layout))
    return 'other layouts';
  if (!bitsOf(batch.values).equals(bitsOf(parsed.batch.values))) return 'other values';
  const ordinals = scanned.sources.map(({ ordinal }) => ordinal);
  return ordinals.join() === batch.sources.map(({ source }) => source).join() ? undefined : 'other sources';
}

function describe({ sources }: PackedBatch): string {
  const described = sources.map(({ source, rowCount, layout, offset, dictionaries, metadata }) => [
    source,
    rowCount,
    layout,
    offset,
    dictionaries,
    metadata,
  ]);
  return JSON.stringify(described);
}

function bitsOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

const encoder = new TextEncoder();
const ids = SOURCES.map(({ id }) => id);

for (const kind of ['batch', 'point'] as const) {
  t.test(`generated and mutated bodies of a ${kind} come to the same both ways`, t => {
    const random = new Random(seed);
    let readCount = 0;
    let usualCount = 0;
    for (let round = 0; round < 1_500; round++) {
      const isUsual = random.next() < 0.5;
      const options = { random, bucketId: BUCKET, sourceIds: ids, isUsual };
      const any = kind === 'point' ? anyPoint : random.next() < 0.7 ? anyBatch : anyColumns;
      const bytes = encoder.encode(any(options));
      const isRead = compare(t, bytes, kind);
      if (isUsual) usualCount++;
      if (isUsual && isRead) readCount++;
      for (let change = 0; change < 4; change++) compare(t, mutated(random, bytes), kind);
    }
    t.ok(usualCount > 500);
    t.equal(readCount, usualCount, 'bodies as documented are all read from their bytes');
    t.end();
  });
}

t.test('a day is not taken for another because its bytes stand where those of the other stood', t => {
  for (const day of ['2024-01-01', '2024-01-02', '2024-01-02', '2024-01-03']) {
    const point = { dataSourceId: SOURCES[0].id, timestamp: `${day}T01:00:00Z`, values: { a: 1 } };
    const body = JSON.stringify({ bucketId: BUCKET, dataPoints: [point, point] });
    t.ok(compare(t, Buffer.from(body), 'batch'));
  }
  t.end();
});

t.test('the forms that are read from bytes, and those that are left to JSON.parse', t => {
  const [id] = ids;
  const body = (point: string) => `{"bucketId":"${BUCKET}","dataPoints":[${point}]}`;
  const values = (members: string) => body(`{"dataSourceId":"${id}","values":{${members}}}`);
  const read = [
    values('"a":1'),
    values('"a":-0'),
    values('"a":0.1,"b":1e5,"c":1E-7,"d":123456789012345678901,"e":5e-324,"f":1.7976931348623157e308'),
    values('"a":null,"b":2'),
    values('"a":"on","b":"défaut","c":""'),
    values('"größe":true,"b":false'),
    ` { "bucketId" : "${BUCKET}" , "dataPoints" : [ { "values" : { "a" : 1 , "b" : "x" } , "dataSourceId" : "${id}" } ] }\n`,
    body(
      `{"dataSourceId":"${id}","timestamp":"2024-02-29T23:59:59.999999999Z","values":{"a":1},"metadata":{"x":[1,{"}":"\\""}]}}`,
    ),
    body(`{"dataSourceId":"${id}","timestamp":"2024-01-01T01:00:00+01:00","values":{"a":1},"metadata":null}`),
    body(
      `{"dataSourceId":"${id}","timestamp":1704067200000,"values":{"a":1}},{"dataSourceId":"${id}","values":{"b":1,"a":2}}`,
    ),
  ];
  for (const text of read) t.ok(compare(t, encoder.encode(text), 'batch'), text);
  const left = [
    values('"a":01'),
    values('"a":1.'),
    values('"a":.5'),
    values('"a":+1'),
    values('"a":1e999'),
    values('"a":NaN'),
    values('"a":null'),
    values(''),
    values('"a":1,"a":2'),
    values('"a":null,"a":2'),
    values('"1":1'),
    values('"__proto__":1'),
    values('"":1'),
    values('"a\\u0062":1'),
    values('"a":"\\n"'),
    values('"a":"\u0001"'),
    values('"a":[1]'),
    values('"a":1}'),
    `${values('"a":1')}x`,
    `\ufeff${values('"a":1')}`,
    `{"bucketId":"${BUCKET}","dataPoints":[]}`,
    body(`{"dataSourceId":"${id}","values":{"a":1},"more":1}`),
    body(`{"dataSourceId":"${'f'.repeat(24)}","values":{"a":1}}`),
    body(`{"dataSourceId":"${id}","timestamp":"2024-02-30T00:00:00Z","values":{"a":1}}`),
    body(`{"dataSourceId":"${id}","timestamp":"2024-01-01T24:00:00Z","values":{"a":1}}`),
    body(`{"dataSourceId":"${id}","timestamp":1.5,"values":{"a":1}}`),
    body(`{"dataSourceId":"${id}","values":{"a":1},"metadata":{"x":}}`),
    body(`{"dataSourceId":"${id}","values":{"a":1}},{"dataSourceId":"${id}","values":{"a":"1"}}`),
  ];
  for (const text of left) t.notOk(scan(encoder.encode(text), 'batch'), text);
  t.notOk(scan(Buffer.from(values('"a":"\u00ff"'), 'latin1'), 'batch'), 'bytes that are not UTF-8');
  t.end();
});

t.test('a source that is replaced in the catalog is found again', t => {
  const bytes = encoder.encode(
    `{"bucketId":"${BUCKET}","dataPoints":[{"dataSourceId":"${ids[0]}","values":{"a":1}}]}`,
  );
  const before = scan(bytes, 'batch')?.sources[0];
  t.ok(before !== undefined && index.isCurrent(before));
  byId.set(ids[0], { ...SOURCES[0], name: 'renamed' });
  t.equal(scan(bytes, 'batch')?.sources[0], before, 'as predicted');
  t.notOk(index.isCurrent(before!), 'which is noticed');
  const after = scan(bytes, 'batch')?.sources[0];
  t.equal(after?.source.name, 'renamed');
  t.ok(index.isCurrent(after!));
  byId.set(ids[0], SOURCES[0]);
  t.end();
});
