/** Columns to fields, rows to batches: the pure part of the upload. Its page is in explore-csv.test.ts. */
import t from 'tap';
import { ApiFailure } from '../../../server/web/base/api.js';
import {
  guessMapping,
  type Mapping,
  mappingFault,
  newFields,
  readRow,
} from '../../../server/web/explore/csv/mapping.js';
import { type UploadState, uploadCsv } from '../../../server/web/explore/csv/upload.js';

const records = (...rows: string[][]) => rows.map((cells, index) => ({ line: index + 2, cells }));

t.test('columns are guessed by name and by what is in them', async t => {
  const fields = { cpu_usage: { type: 'number' }, door: { type: 'string' } } as const;
  const header = ['Timestamp', 'CPU usage', 'temp (°C)', 'door', 'open', 'note', '', 'serial', 'temp'];
  const rows = records(
    ['2024-01-15 10:30', '5', '21.5', '1', 'true', 'a', '', '007', '3'],
    ['2024-01-15 10:31', '6', '', '2', 'FALSE', '1', 'x', '008', '4'],
  );
  const mapping = guessMapping(header, rows, fields, ',');
  t.same(mapping, {
    hasComma: false,
    columns: [
      { kind: 'time', form: 'iso' },
      { kind: 'field', name: 'cpu_usage', type: 'number' },
      { kind: 'field', name: 'temp', type: 'number', unit: '°C' },
      { kind: 'field', name: 'door', type: 'string' },
      { kind: 'field', name: 'open', type: 'boolean' },
      { kind: 'field', name: 'note', type: 'string' },
      { kind: 'field', name: 'column 7', type: 'string' },
      { kind: 'field', name: 'serial', type: 'string' },
      { kind: 'none' },
    ],
  });
  t.same(Object.keys(newFields(mapping, fields)), ['temp', 'open', 'note', 'column 7', 'serial']);
  t.equal(mappingFault(mapping), undefined);
});

t.test('times are found in any form', async t => {
  const timeOf = (header: string[], ...rows: string[][]) => {
    const { columns } = guessMapping(header, records(...rows), {}, ',');
    return columns.map(use => (use.kind === 'time' ? use.form : ''));
  };
  t.same(timeOf(['v', 'ts'], ['1', '1705314600']), ['', 'seconds']);
  t.same(timeOf(['v', 'x'], ['1', '1705314600000.5']), ['', 'milliseconds']);
  t.same(timeOf(['id', 'time'], ['1705314600', '1705314601']), ['', 'seconds']);
  t.same(timeOf(['day', 'v'], ['2024-01-15', '1']), ['iso', '']);
  t.same(timeOf(['created at', 'seen'], ['2024-01-15T10:30:00Z', '2024-01-15T10:30:00Z']), ['iso', '']);
  t.same(timeOf(['a', 'b'], ['1', '2']), ['', '']);
  const good = Array.from({ length: 4 }, (_, minute) => [`2024-01-15 10:3${minute}`, '1']);
  t.same(timeOf(['a', 'b'], ...good, ['x', 'y']), ['iso', ''], 'a bad line says nothing of the others');
  t.same(
    timeOf(['time', 'v'], ['soon', '1'], ['2024-01-15', '2'], ['2024-01-16', '3']),
    ['iso', ''],
    'its name says it',
  );
  t.same(timeOf(['when', 'v'], ['soon', '1'], ['later', '2']), ['', '']);
});

t.test('a row is a point, or says why not', async t => {
  const mapping: Mapping = {
    hasComma: true,
    columns: [
      { kind: 'time', form: 'iso' },
      { kind: 'field', name: '__proto__', type: 'number' },
      { kind: 'field', name: 'on', type: 'boolean' },
      { kind: 'none' },
    ],
  };
  const rowOf = (...cells: string[]) => readRow({ line: 7, cells }, mapping);
  t.same(rowOf('2024-01-15 10:30:00 UTC', '1,5', 'True', 'x'), {
    line: 7,
    timestamp: '2024-01-15T10:30:00Z',
    values: Object.fromEntries([
      ['__proto__', 1.5],
      ['on', true],
    ]),
  });
  const cases: [cells: string[], reason: RegExp][] = [
    [['2024-01-15', '1'], /2 cells where the header has 4/],
    [['yesterday', '1', '', ''], /“yesterday” is no time of ISO 8601/],
    [['', '1', '', ''], /“” is no time/],
    [['2024-01-15', '1.5', '', ''], /__proto__: “1.5” is no number/],
    [['2024-01-15', '1', 'yes', ''], /on: “yes” is no boolean/],
    [['2024-01-15', ' ', '', 'x'], /No values/],
    [['2024-01-15', 'x'.repeat(100), '', ''], /“x{40}…” is no number/],
  ];
  for (const [cells, reason] of cases) t.match(rowOf(...cells), { line: 7, reason }, cells.join());
  t.match(readRow({ line: 3, cells: ['a'], fault: 'torn' }, mapping), { line: 3, reason: 'torn' });
  const seconds: Mapping = {
    ...mapping,
    columns: [{ kind: 'time', form: 'seconds' }, ...mapping.columns.slice(1)],
  };
  t.match(readRow({ line: 2, cells: ['1705314600.25', '1', '', ''] }, seconds), {
    timestamp: 1_705_314_600_250,
  });
  t.match(readRow({ line: 2, cells: ['1705314600.001', '1', '', ''] }, seconds), {
    timestamp: 1_705_314_600_001,
  });
});

t.test('a mapping says what it lacks', async t => {
  const time = { kind: 'time', form: 'iso' } as const;
  const field = { kind: 'field', name: 'a', type: 'number' } as const;
  const faultOf = (...columns: Mapping['columns']) => mappingFault({ columns, hasComma: false });
  t.match(faultOf(field), /which column has the times/);
  t.match(faultOf(time, { kind: 'none' }), /becomes a field/);
  t.match(faultOf(time, { ...field, name: '' }), /needs a name/);
  t.match(faultOf(time, field, field), /Two columns go to the field a/);
  t.match(faultOf(time, { ...field, name: 'x'.repeat(129) }), /at most 128/);
});

const MAPPING: Mapping = {
  hasComma: false,
  columns: [
    { kind: 'time', form: 'milliseconds' },
    { kind: 'field', name: 'v', type: 'number' },
  ],
};

function detail(index: number, message: string) {
  return { path: ['body', 'dataPoints', index, 'values', 'v'], message };
}

/** A server that takes even values, tells of two others at a time, and fails when it is told to. */
class Server {
  readonly stored: number[] = [];
  readonly keys: string[] = [];
  readonly failures: ApiFailure[] = [];
  rowsMax = 1_000;

  async store(rows: readonly { values: object }[], key: string): Promise<void> {
    this.keys.push(key);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    if (rows.length > this.rowsMax) throw new ApiFailure(413, 'too large');
    const values = rows.map(({ values }) => (values as { v: number }).v);
    const odd = values.flatMap((value, index) => (value % 2 === 0 ? [] : [detail(index, `${value} is odd`)]));
    if (odd.length > 0) throw new ApiFailure(400, 'Invalid request parameters', odd.slice(0, 2));
    this.stored.push(...values);
  }
}

async function upload(server: Server, values: number[], signal = new AbortController().signal) {
  const file = new Blob([`t,v\n${values.map(value => `1,${value}\n`).join('')}`]);
  let state: UploadState | undefined;
  const options = { file, separator: ',', mapping: MAPPING, signal };
  await uploadCsv({
    ...options,
    store: (rows, key) => server.store(rows, key),
    onState: next => {
      state = next;
    },
  });
  return { ...(state as unknown as UploadState), size: file.size };
}

t.test('good rows of a refused batch are sent again, and the bad ones are named', async t => {
  const server = new Server();
  const values = Array.from({ length: 2_500 }, (_, index) => index * 2);
  for (const index of [0, 7, 8, 999, 1_000, 2_499]) values[index]++;
  const state = await upload(server, values);
  t.same(
    server.stored,
    values.filter(value => value % 2 === 0),
  );
  t.equal(state.storedCount, 2_494);
  t.same(
    state.refused.map(({ line }) => line),
    [2, 9, 10, 1_001, 1_002, 2_501],
  );
  t.equal(state.refused[0].reason, 'v: 1 is odd');
  t.equal(state.bytesDone, state.size);
  t.equal(new Set(server.keys).size, server.keys.length, 'another batch has another key');
});

t.test('rows that are too large together are sent apart, and what passes is tried again', async t => {
  const server = new Server();
  server.rowsMax = 3;
  server.failures.push(new ApiFailure(503, 'busy'), new ApiFailure(0, 'gone'));
  const values = Array.from({ length: 10 }, (_, index) => index * 2);
  const state = await upload(server, values);
  t.same(server.stored, values);
  t.equal(state.storedCount, 10);
  t.equal(new Set(server.keys.slice(0, 3)).size, 1, 'with the same key');
});

t.test('it ends where the server says no, and where it is told to', async t => {
  const server = new Server();
  server.failures.push(new ApiFailure(409, 'Bucket is archived'));
  await t.rejects(upload(server, [2]), /Bucket is archived/);
  const controller = new AbortController();
  controller.abort();
  await upload(server, [2, 4], controller.signal);
  t.same(server.stored, []);
});
