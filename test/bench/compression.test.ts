import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { benchCompression, type CompressionReport } from '../../bench/compression.js';
import { projectRoot } from '../support/root.js';

const directory = t.testdir({
  'numbers.csv': '21.5\n21.6\n-0\ninf\nNaN\n',
  'series.csv': 'timestamp,value\n2024-01-01 00:00:00,1\n2024-01-01 00:05:00,2\n2024-01-01 00:10:00.5,2.5\n',
  'broken.csv': '1\ntwo\n',
  'broken.bin': 'thirteen byte',
  'empty.bin': '',
  'empty.csv': 'timestamp,value\n',
});

async function report(files: string[]): Promise<CompressionReport> {
  let text = '';
  await benchCompression(files, { json: true }, part => {
    text += part;
  });
  return JSON.parse(text) as CompressionReport;
}

t.test('columns of every form of file', async t => {
  const values = Float64Array.from({ length: 3_000 }, (_, row) => row / 10);
  writeFileSync(join(directory, 'column.bin'), values);
  const files = ['numbers.csv', 'series.csv', 'column.bin'].map(name => join(directory, name));
  const { files: reports, meanBitsPerValue } = await report(files);
  t.strictSame(
    reports.map(({ file, values, codecs }) => ({ file, values, codecs })),
    [
      { file: files[0], values: 5, codecs: { decimal: 1 } },
      { file: files[1], values: 3, codecs: { decimal: 1 } },
      { file: files[2], values: 3_000, codecs: { decimal: 3 } },
    ],
  );
  for (const { bytes, values, bitsPerValue } of reports) t.equal(bitsPerValue, (bytes * 8) / values);
  t.equal(meanBitsPerValue, reports.reduce((sum, { bitsPerValue }) => sum + bitsPerValue, 0) / 3);
  t.notOk('timestampBytes' in reports[0]);
  t.ok(reports[1].timestampBytes! > 0 && reports[1].bitsPerTimestamp! > 0);
});

t.test('a table for people', async t => {
  let text = '';
  await benchCompression([join(directory, 'series.csv')], { json: false }, part => {
    text += part;
  });
  t.match(text, /^file +values +bytes +bits\/value +bits\/timestamp +codecs\nseries\.csv +3 +\d+ /);
  t.match(text, /\nmean of 1 +\d+\.\d\d\n$/);
});

t.test('what is no column names the file', async t => {
  const cases: [file: string, want: RegExp][] = [
    ['broken.csv', /broken\.csv: "two" \(number 2\)/],
    ['broken.bin', /broken\.bin: 13 bytes are no float64 values/],
    ['empty.bin', /empty\.bin: there are no values/],
    ['empty.csv', /empty\.csv: there are no values/],
  ];
  for (const [file, message] of cases) await t.rejects(report([join(directory, file)]), { message });
});

const data = join(projectRoot, '../shared/data');
t.test('real columns stay small', { skip: existsSync(data) ? false : `${data} is not here` }, async t => {
  const csv = (folder: string) =>
    (readdirSync(join(data, folder), { recursive: true }) as string[])
      .filter(name => name.endsWith('.csv'))
      .map(name => join(data, folder, name));
  const samples = await report(csv('alp/samples'));
  t.equal(samples.files.length, 31);
  t.ok(samples.meanBitsPerValue <= 17, `ALP samples: ${samples.meanBitsPerValue} bits a value`);
  const series = await report(csv('nab'));
  t.equal(series.files.length, 58);
  t.ok(series.meanBitsPerValue <= 18.5, `NAB: ${series.meanBitsPerValue} bits a value`);
  const timestamps = series.files.reduce((sum, { bitsPerTimestamp }) => sum + bitsPerTimestamp!, 0) / 58;
  t.ok(timestamps <= 0.6, `NAB: ${timestamps} bits a timestamp`);
});
