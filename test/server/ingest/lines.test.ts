/** Lines of line protocol → rows: whatever way they are read, the rows are those of the naive reader. */
import t from 'tap';
import { type PackedBatch, unpackBatch } from '../../../engine/batch.js';
import type { Scalar } from '../../../engine/query/request.js';
import { LineBody } from '../../../server/ingest/line-body.js';
import { LineScanner } from '../../../server/ingest/line-scanner.js';
import { TIME_UNITS_1 } from '../../../server/ingest/line-times.js';
import { type LineBatch, LineReader } from '../../../server/ingest/lines.js';
import { type NaiveTypes, naiveLines } from '../../support/naive-lines.js';
import { Random, testSeed } from '../../support/random.js';
import { Fixture } from '../api/fixture.js';

const NOW = Date.UTC(2024, 0, 15);
const UNITS: readonly (readonly [string, bigint])[] = [
  ['ns', 1n],
  ['u', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
];

interface Outcome {
  /** By series in order of first appearance, as texts that tell every bit. */
  readonly rows: readonly string[];
  /** Numbers of lines. */
  readonly refused: readonly number[];
}

/** A reader over a catalog, as the server has one. */
class Reading {
  readonly types: NaiveTypes = new Map();
  readonly #fixture: Fixture;
  readonly #bucketId: string;
  /** Looks at each line: knows nothing of earlier bodies. */
  readonly #careful: LineReader;
  /** Expects of each body what was in the last, as the server does. */
  readonly #quick: LineReader;

  private constructor(fixture: Fixture, bucketId: string) {
    this.#fixture = fixture;
    this.#bucketId = bucketId;
    this.#careful = new LineReader(fixture.catalog);
    this.#quick = new LineReader(fixture.catalog);
  }

  static async open(): Promise<Reading> {
    const fixture = await Fixture.open();
    return new Reading(fixture, await fixture.createBucket());
  }

  /** Reads a body with a look at each line, and then as it comes. */
  async read(bytes: Buffer, unit: string): Promise<{ careful: Outcome; quick: Outcome }> {
    const context = {
      bucketId: this.#bucketId,
      unit: TIME_UNITS_1.get(unit)!,
      now: NOW,
      storage: this.#fixture.storage,
    };
    const body = new LineBody(bytes);
    const careful = this.#outcome(this.#careful.readAgain(body, body.mark(), context), body);
    // What it would have made comes to nothing, as in a request that fails.
    this.#careful.forget(this.#bucketId);
    const again = new LineBody(bytes);
    const lines = this.#quick.read(again, context);
    const quick = this.#outcome(lines, again);
    await this.#fixture.catalog.createSeries(lines.drafts);
    if (lines.batch !== undefined) {
      await this.#fixture.storage.append(lines.batch);
      this.#quick.release(lines.batch);
    }
    return { careful, quick };
  }

  #outcome({ batch, drafts }: LineBatch, body: LineBody): Outcome {
    if (!body.isRead) throw new Error('The bodies of this test are one record each');
    const sources = [...this.#fixture.catalog.allSources(), ...drafts];
    const series = new Map(sources.map(source => [source.ordinal, source.series as string]));
    const rows = batch === undefined ? [] : rowsOf(batch, series);
    const refused = [...body.reasons.matchAll(/^line (\d+): /gm)].map(([, line]) => Number(line));
    return { rows, refused };
  }
}

function rowsOf(batch: PackedBatch, series: ReadonlyMap<number, string>): string[] {
  return unpackBatch(batch).sources.flatMap(({ source, timestamps, fields }) =>
    Array.from(timestamps, (time, row) => {
      const values = new Map<string, Scalar>();
      for (const { name, type, values: column, dictionary } of fields) {
        const cell = column[row];
        if (Number.isNaN(cell)) continue;
        values.set(name, type === 'string' ? dictionary![cell] : type === 'boolean' ? cell === 1 : cell);
      }
      return rowText(series.get(source) as string, time, values);
    }),
  );
}

function rowText(series: string, time: number, values: ReadonlyMap<string, Scalar>): string {
  const texts = Array.from(values, ([name, value]) =>
    JSON.stringify([name, Object.is(value, -0) ? '-0' : value]),
  );
  return `${series} ${texts.sort().join(' ')} ${time}`;
}

function naiveOutcome(bytes: Buffer, nanoseconds: bigint, types: NaiveTypes): Outcome {
  const { rows, refused } = naiveLines(bytes, nanoseconds, NOW, types);
  const bySeries = new Map<string, string[]>();
  for (const { series, time, values } of rows) {
    bySeries.set(series, [...(bySeries.get(series) ?? []), rowText(series, time, values)]);
  }
  return { rows: [...bySeries.values()].flat(), refused };
}

const TABLE: readonly (readonly [line: string, want: string])[] = [
  ['cpu v=1', `cpu ["v",1] ${NOW}`],
  ['cpu,host=a v=1.5 1700000000123456789', 'cpu,host=a ["v",1.5] 1700000000123'],
  ['cpu,z=1,a=2 v=1 0', 'cpu,a=2,z=1 ["v",1] 0'],
  ['cpu v=1 999999', 'cpu ["v",1] 0'],
  ['  cpu  v=1   1000000  ', 'cpu ["v",1] 1'],
  ['cpu v=1 1000000\r', 'cpu ["v",1] 1'],
  ['cpu v=1 -0', 'cpu ["v",1] 0'],
  ['cpu v=1 7258118399999999999', 'cpu ["v",1] 7258118399999'],
  ['cpu v=1 7258118400000000000', 'Timestamp must be from 1970-01-01'],
  ['cpu v=1 -1', 'Timestamp must be from 1970-01-01'],
  ['cpu v=1 99999999999999999999999', 'Timestamp must be from 1970-01-01'],
  ['cpu v=1 1.5', 'bad timestamp'],
  ['cpu v=1 1 1', 'point is invalid'],
  ['cpu v=-0', `cpu ["v","-0"] ${NOW}`],
  ['cpu v=-0i', `cpu ["v",0] ${NOW}`],
  ['cpu v=.5,w=5.,x=-.5e1,y=007', `cpu ["v",0.5] ["w",5] ["x",-5] ["y",7] ${NOW}`],
  ['cpu v=99.30645161290323', `cpu ["v",99.30645161290323] ${NOW}`],
  ['cpu v=9007199254740993', `cpu ["v",9007199254740992] ${NOW}`],
  ['cpu v=1e400', 'invalid float'],
  ['cpu v=1i,w=2u', `cpu ["v",1] ["w",2] ${NOW}`],
  ['cpu v=9007199254740993i', `cpu ["v",9007199254740992] ${NOW}`],
  ['cpu v=9223372036854775807i', `cpu ["v",9223372036854776000] ${NOW}`],
  ['cpu v=9223372036854775808i', 'unable to parse integer: value out of range'],
  ['cpu v=-9223372036854775809i', 'unable to parse integer: value out of range'],
  ['cpu v=18446744073709551615u', `cpu ["v",18446744073709552000] ${NOW}`],
  ['cpu v=18446744073709551616u', 'unable to parse unsigned: value out of range'],
  ['cpu v=-1u', 'invalid number'],
  ['cpu v=1.0i', 'invalid number'],
  ['cpu v=1.1.1', 'invalid number'],
  ['cpu v=NaN', 'invalid number'],
  ['cpu v=0x10', 'invalid number'],
  ['cpu v=t,w=T,x=true,y=True,z=TRUE', `cpu ["v",true] ["w",true] ["x",true] ["y",true] ["z",true] ${NOW}`],
  [
    'cpu v=f,w=F,x=false,y=False,z=FALSE',
    `cpu ["v",false] ["w",false] ["x",false] ["y",false] ["z",false] ${NOW}`,
  ],
  ['cpu v=tru', 'invalid boolean'],
  ['cpu v=yes', 'invalid boolean'],
  [String.raw`cpu v="a \"b\" \\ \c, =x"`, String.raw`cpu ["v","a \"b\" \\ \\c, =x"] ${NOW}`],
  ['cpu v="two\nlines",w=1', String.raw`cpu ["v","two\nlines"] ["w",1] ${NOW}`],
  ['cpu v="🌡 é"', `cpu ["v","🌡 é"] ${NOW}`],
  ['cpu v=""', `cpu ["v",""] ${NOW}`],
  ['cpu v="a', 'unbalanced quotes'],
  ['cpu v="a"b', 'invalid field format'],
  [
    String.raw`c\ p\,u,t\=a\ g=v\,a\=l f\,i\=e\ ld=1`,
    String.raw`c\ p\,u,t\=a\ g=v\,a\=l ["f,i=e ld",1] ${NOW}`,
  ],
  [String.raw`cpu=x,a=\b v=1`, String.raw`cpu=x,a=\b ["v",1] ${NOW}`],
  ['cpu v=1,v=2,w=3,v=4', `cpu ["v",4] ["w",3] ${NOW}`],
  ['cpu', 'missing fields'],
  ['cpu ', 'missing fields'],
  ['cpu,host=a', 'missing fields'],
  [',host=a v=1', 'missing measurement'],
  ['cpu, v=1', 'missing tag key'],
  ['cpu,=a v=1', 'missing tag key'],
  ['cpu,host v=1', 'missing tag value'],
  ['cpu,host= v=1', 'missing tag value'],
  ['cpu,host=a=b v=1', 'invalid tag format'],
  ['cpu,a=1,a=2 v=1', 'duplicate tags'],
  ['cpu,b=1,a=1,b=2 v=1', 'duplicate tags'],
  [`cpu,host=${'a'.repeat(65_535)} v=1`, 'max key length exceeded: 65544 > 65535'],
  ['cpu v', 'invalid field format'],
  ['cpu v=', 'missing field value'],
  ['cpu v=1,', 'invalid field format'],
  ['cpu =1', 'missing field key'],
  ['cpu v=1,=2', 'missing field key'],
  [`cpu ${'f'.repeat(128)}=1`, `cpu ["${'f'.repeat(128)}",1] ${NOW}`],
  [`cpu ${'f'.repeat(129)}=1`, 'invalid field key: String must contain at most 128 character(s)'],
  ['cpu a\x01b=1', 'invalid field key: Field name must not contain control characters'],
  [`cpu v="${'x'.repeat(65_536)}"`, `cpu ["v","${'x'.repeat(65_536)}"] ${NOW}`],
  [`cpu v="${'x'.repeat(65_537)}"`, 'string is longer than 65536 characters'],
];

t.test('a line is what it says, or is refused with the reason', async t => {
  for (const [line, want] of TABLE) {
    const reading = await Reading.open();
    // Alone; behind another that makes its source and fields usual ones; and itself for a second time.
    for (const text of [line, `${line}\n`, `cpu,host=a v=1 5\ncpu v=1 5\n${line}\n`, `${line}\n${line}\n`]) {
      const { careful, quick } = await reading.read(Buffer.from(text), 'ns');
      const naive = naiveOutcome(Buffer.from(text), 1n, reading.types);
      t.strictSame(quick, careful, line.slice(0, 100));
      t.strictSame(quick, naive, line.slice(0, 100));
      const isKept = want.startsWith('c');
      if (isKept && !text.startsWith('cpu,host=a v=1 5')) t.equal(quick.rows[0], want);
      // A string that is not closed goes on in the line that follows, up to its first quote.
      const isTwice = text === `${line}\n${line}\n` && line.split('"').length !== 2;
      if (!isKept) t.equal(quick.refused.length, isTwice ? 2 : 1);
    }
    const body = new LineBody(Buffer.from(line));
    const { catalog, storage } = await Fixture.open();
    new LineReader(catalog).read(body, {
      bucketId: 'b',
      unit: TIME_UNITS_1.get('ns')!,
      now: NOW,
      storage,
    });
    const reason = want.startsWith('c') ? '' : want;
    t.ok(
      body.reasons.includes(reason) && body.refusedCount > 0 === (reason !== ''),
      body.reasons.slice(0, 300),
    );
  }
});

t.test('comments, blank lines and what stands in strings are no lines', async t => {
  const reading = await Reading.open();
  const text = [
    '# cpu v="a',
    '',
    ' \t ',
    '\r',
    ' # more',
    'cpu v=1 1000000',
    'cpu v=bad,s="x',
    'cpu v=2 2000000',
    '" 3000000',
    'cpu v=3 3000000',
  ].join('\n');
  const { careful, quick } = await reading.read(Buffer.from(text), 'ns');
  t.strictSame(quick, { rows: ['cpu ["v",1] 1', 'cpu ["v",3] 3'], refused: [7] });
  t.strictSame(careful, quick);
});

t.test('a field that came twice with two types does not change how later lines are read', async t => {
  const reading = await Reading.open();
  const f = async (lines: string, want: Outcome) => {
    const { careful, quick } = await reading.read(Buffer.from(lines), 'ns');
    t.strictSame(quick, want, lines);
    t.strictSame(careful, want, lines);
  };
  // In one body: the first line of a series in each is read with care.
  await f('text v=1,v="x" 0\ntext v=",w=1\nq" 0\n', {
    rows: ['text ["v","x"] 0', String.raw`text ["v",",w=1\nq"] 0`],
    refused: [],
  });
  await f('number v="x",v=1 0\nnumber v="2 0\n', { rows: ['number ["v",1] 0'], refused: [2] });
});

t.test('a line that is nearly as the one before', async t => {
  const f = async (lines: string, want: Outcome) => {
    const { careful, quick } = await (await Reading.open()).read(Buffer.from(lines), 'ns');
    t.strictSame(quick, want, lines);
    t.strictSame(careful, want, lines);
  };
  const row = 'cpu ["v",true] 0';
  await f('cpu v=t 0\ncpu v=tru 0\n', { rows: [row], refused: [2] });
  // A source is expected where it has followed once.
  await f('cpu v=t 0\ncpu v=t 0\ncpu,v=t 0\n', { rows: [row, row], refused: [3] });
  await f('cpu v="x" 0\ncpu v="\\" 0\n', { rows: ['cpu ["v","x"] 0'], refused: [2] });
});

const MEASUREMENTS = ['cpu', 'mem', 'd isk', 'größe', 'a,b', 'x'];
const TAGS = ['host=a', 'host=b', 'region=eu', 'a\\ b=c\\,d', 'é=ü', 'z=\\=', 'host=a'];
const FIELDS = ['usage', 'idle', 'free', 'v', 'f\\ x', 'größe', 'n\\=m', 'q"'];
const VALUES = [
  () => '1',
  (random: Random) => String(random.integer(100)),
  (random: Random) => (random.integer(20_000) / 100 - 50).toFixed(random.integer(4)),
  (random: Random) => String(random.next() * 10 ** random.integer(30)),
  (random: Random) => String((random.next() - 0.5) / 10 ** random.integer(12)),
  (random: Random) => `${random.integer(2 ** 31)}${'0'.repeat(random.integer(14))}i`,
  (random: Random) => `-${random.integer(1000)}i`,
  (random: Random) => `${random.integer(1000)}u`,
];
const ODD_VALUES = [
  't',
  'false',
  'T',
  '"on"',
  '"off"',
  '"a \\"b\\""',
  '"é"',
  '"x\ny"',
  '-0',
  '.5',
  '1e3',
  '01',
  '5.',
];
/** What changes the meaning of a line, wherever it is put. */
const PIECES = [
  ',',
  ' ',
  '=',
  '"',
  '\\',
  '\n',
  '\r',
  '\t',
  '#',
  '-',
  '.',
  'i',
  '0',
  'e',
  '\\ ',
  '\\,',
  '="',
  '\xff',
  '\xc3',
];

/** Lines as agents send them: few kinds, again and again, with now and then something odd. */
function randomBody(random: Random): Buffer {
  const kinds = Array.from({ length: 1 + random.integer(4) }, () => {
    const measurement = random.pick(MEASUREMENTS).replace(/[, ]/g, '\\$&');
    const tags = TAGS.filter(() => random.integer(4) === 0).sort(() => random.next() - 0.5);
    const names = FIELDS.filter(() => random.integer(3) === 0);
    if (names.length === 0) names.push('v');
    return { key: [measurement, ...tags].join(','), names };
  });
  const time = random.integer(2 ** 31);
  const lines = Array.from({ length: 1 + random.integer(25) }, () => {
    const { key, names } = random.pick(kinds);
    const fields = names.map(name => `${name}=${randomValue(random)}`);
    const stamp = random.integer(4) === 0 ? '' : ` ${time + random.integer(3)}`;
    return `${key} ${fields.join(',')}${stamp}`;
  });
  const end = random.integer(8) === 0 ? '\r\n' : '\n';
  return mutated(random, Buffer.from(lines.join(end) + (random.integer(2) === 0 ? end : '')));
}

function randomValue(random: Random): string {
  return random.integer(12) === 0 ? random.pick(ODD_VALUES) : random.pick(VALUES)(random);
}

function mutated(random: Random, bytes: Buffer): Buffer {
  let result = bytes;
  for (let count = random.integer(3) * random.integer(4); count > 0; count--) {
    const at = random.integer(result.length + 1);
    const piece = random.integer(3) === 0 ? Buffer.alloc(0) : Buffer.from(random.pick(PIECES), 'latin1');
    result = Buffer.concat([result.subarray(0, at), piece, result.subarray(at + random.integer(3))]);
  }
  return result;
}

t.test('bodies of all sorts: rows, bit by bit, and refused lines are those of the naive reader', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  const quick = { count: 0 };
  const { read } = LineScanner.prototype;
  LineScanner.prototype.read = function (at) {
    const isRead = read.call(this, at);
    if (isRead) quick.count++;
    return isRead;
  };
  t.teardown(() => {
    LineScanner.prototype.read = read;
  });
  let rowCount = 0;
  let refusedCount = 0;
  for (let run = 0; run < 60; run++) {
    const reading = await Reading.open();
    for (let step = 0; step < 40; step++) {
      const [unit, nanoseconds] = random.pick(UNITS);
      const bytes = randomBody(random);
      const found = await reading.read(bytes, unit);
      const naive = naiveOutcome(bytes, nanoseconds, reading.types);
      const text = JSON.stringify(bytes.toString('latin1'));
      if (!t.strictSame(found.quick, naive, text) || !t.strictSame(found.careful, naive, text)) return;
      rowCount += naive.rows.length;
      refusedCount += naive.refused.length;
    }
  }
  t.ok(quick.count > rowCount / 5, `${quick.count} of ${rowCount} rows were read without care`);
  t.ok(refusedCount > rowCount / 50, `${refusedCount} lines were refused`);
});
