/** CSV text as records: a table of cases, and the parser of the server's command as the judge of random ones. */
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import t from 'tap';
import { readBeginning, readRecords } from '../../../server/web/explore/csv/file.js';
import { CsvReader, type CsvRecord } from '../../../server/web/explore/csv/records.js';
import { guessSeparator } from '../../../server/web/explore/csv/separator.js';
import { testSeed } from '../../support/random.js';

function read(text: string, separator = ',', chunkLength = text.length || 1): CsvRecord[] {
  const reader = new CsvReader(separator);
  const records: CsvRecord[] = [];
  for (let from = 0; from < text.length; from += chunkLength) {
    records.push(...reader.push(text.slice(from, from + chunkLength)));
  }
  return [...records, ...reader.end()];
}

t.test('records of a text, however it is cut', async t => {
  const cases: [text: string, separator: string, want: [line: number, cells: string[], fault?: RegExp][]][] =
    [
      ['', ',', []],
      ['\n\r\n\n', ',', []],
      [
        'a,b\n1,2\n',
        ',',
        [
          [1, ['a', 'b']],
          [2, ['1', '2']],
        ],
      ],
      [
        'a,b\r\n1,2',
        ',',
        [
          [1, ['a', 'b']],
          [2, ['1', '2']],
        ],
      ],
      [
        'a\rb\r\rc',
        ',',
        [
          [1, ['a']],
          [2, ['b']],
          [4, ['c']],
        ],
      ],
      [
        'a\n\n\nb',
        ',',
        [
          [1, ['a']],
          [4, ['b']],
        ],
      ],
      [',\n', ',', [[1, ['', '']]]],
      [
        '"x\ny","a ""b"""\nc,d',
        ',',
        [
          [1, ['x\ny', 'a "b"']],
          [3, ['c', 'd']],
        ],
      ],
      [
        '"x\r\ny"\r\nz',
        ',',
        [
          [1, ['x\r\ny']],
          [3, ['z']],
        ],
      ],
      ['"a;b";c', ';', [[1, ['a;b', 'c']]]],
      ['a\tb', '\t', [[1, ['a', 'b']]]],
      ['5" pipe,x', ',', [[1, ['5" pipe', 'x']]]],
      ['"",""', ',', [[1, ['', '']]]],
      [
        'a\n"b"c,d\ne',
        ',',
        [
          [1, ['a']],
          [2, ['bc', 'd'], /After a closing quote/],
          [3, ['e']],
        ],
      ],
      [
        'a\n"b\nc',
        ',',
        [
          [1, ['a']],
          [2, ['b\nc'], /never closed/],
        ],
      ],
    ];
  for (const [text, separator, want] of cases) {
    for (const chunkLength of [1, 2, 3, 1_000]) {
      const label = `${JSON.stringify(text)} by ${chunkLength}`;
      const found = read(text, separator, chunkLength);
      t.same(
        found.map(({ line, cells }) => [line, cells]),
        want.map(([line, cells]) => [line, cells]),
        label,
      );
      for (const [index, [, , fault]] of want.entries()) {
        if (fault === undefined) t.equal(found[index].fault, undefined, label);
        else t.match(found[index].fault, fault, label);
      }
    }
  }
});

t.test('records are those of the parser of the command', async t => {
  const cell = fc.oneof(
    fc.string({ maxLength: 5 }).filter(text => !/[",\r\n]/.test(text)),
    fc
      .string({ unit: fc.constantFrom('a', '"', ',', '\n', 'é', '🌡'), maxLength: 6 })
      .map(text => `"${text.replaceAll('"', '""')}"`),
  );
  const line = fc.array(cell, { minLength: 1, maxLength: 4 }).map(cells => cells.join(','));
  const file = fc.tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), fc.nat(8));
  fc.assert(
    fc.property(file, ([lines, end, chunkLength]) => {
      const text = lines.join(end);
      const want: string[][] = parse(text, { relax_column_count: true, record_delimiter: end });
      const isEmpty = (cells: readonly string[]) => cells.length === 1 && cells[0] === '';
      t.same(
        read(text, ',', chunkLength + 1).map(({ cells }) => cells),
        want.filter(cells => !isEmpty(cells)),
        JSON.stringify(text),
      );
    }),
    { seed: testSeed(), numRuns: 300 },
  );
});

t.test('a record without an end is no endless one', async t => {
  t.throws(() => read(`a\n"${'x\n'.repeat(600_000)}`), /begins in line 2 has more than 1 MiB/);
});

t.test('the separator is that which makes records alike', async t => {
  const cases: [text: string, separator: string][] = [
    ['', ','],
    ['a\n1\n', ','],
    ['a,b\n1,2\n', ','],
    ['a;b\n1,5;2,5\n3,5;4,5\n', ';'],
    ['a\tb\n1\t2', '\t'],
    ['a|b|c\n1|2|3\n', '|'],
    ['time;note\n2024;"a, b, c"\n2025;"d, e, f"\n', ';'],
    ['time,note\n2024,a;b\n2025,c\n', ','],
  ];
  for (const [text, separator] of cases) t.equal(guessSeparator(text), separator, JSON.stringify(text));
});

t.test('a file is read in UTF-8 without its mark, and anything else is said to be none', async t => {
  const all = async (file: Blob) => {
    const cells: string[][] = [];
    let bytes = 0;
    for await (const { records, bytesRead } of readRecords(file, ',')) {
      cells.push(...records.map(record => [...record.cells]));
      bytes = bytesRead;
    }
    return { cells, bytes };
  };
  const file = new Blob(['\ufeff', 'temp,é🌡\n1,2']);
  t.same(await all(file), {
    cells: [
      ['temp', 'é🌡'],
      ['1', '2'],
    ],
    bytes: file.size,
  });
  t.equal(await readBeginning(file, 9), 'temp,', 'a character cut off is no mistake');
  const latin = new Blob([new Uint8Array([0x61, 0xe9, 0x0a])]);
  await t.rejects(all(latin), /not in UTF-8/);
  await t.rejects(all(new Blob([new Uint8Array([0x61, 0xc3])])), /not in UTF-8/, 'cut off at the end');
});
