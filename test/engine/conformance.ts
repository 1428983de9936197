/** What every implementation of the storage contract must do: the reference model and the engine alike. */
import type { Test } from 'tap';
import type { Batch, FieldType } from '../../engine/batch.js';
import { TIMESTAMP_MAX } from '../../engine/limits.js';
import type { GroupSpec } from '../../engine/query/groups.js';
import { FieldTypeError, type ScanRequest, type Storage } from '../../engine/storage.js';
import { type Point, sourceBatchOf } from '../support/columns.js';
import { Random, testSeed } from '../support/random.js';
import { readGroups, readRows, rowLines, sumsAgree } from '../support/readings.js';
import { ReferenceStorage } from '../support/reference-storage.js';
import { randomSequence } from './conformance-random.js';

export interface Subject {
  /** The current one, after a reopen another. */
  readonly storage: Storage;
  /** Closes and opens again what is durable. */
  reopen(): Promise<Storage>;
  /** Does something that changes nothing visible: a flush, a compaction. */
  disturb(step: number): Promise<void>;
  dispose(): Promise<void>;
}

type Check = (t: Test, subject: Subject) => Promise<void>;

export function storageConformance(t: Test, make: () => Promise<Subject>): void {
  for (const [name, check] of Object.entries(CHECKS)) {
    t.test(name, async t => {
      const subject = await make();
      t.teardown(() => subject.dispose());
      await check(t, subject);
    });
  }
  t.test('random steps answer as the reference does', async t => {
    const seed = testSeed();
    t.comment(`seed ${seed}`);
    const subject = await make();
    t.teardown(() => subject.dispose());
    await randomSequence(t, subject, new Random(seed));
  });
}

const CHECKS: Record<string, Check> = {
  async 'rows come by time and then by arrival, late ones among them'(t, subject) {
    const append = (times: number[]) =>
      subject.storage.append(batch(7, ...times.map(time => ({ time, values: { v: time } }))));
    t.same((await append([50, 30, 50])).firstRows, [0]);
    await subject.disturb(0);
    t.same((await append([40, 30, 90])).firstRows, [3]);
    const wanted = ['1 @30', '4 @30', '3 @40', '0 @50', '2 @50', '5 @90'].map(
      row => `7/${row} {"v":${row.split('@')[1]}}`,
    );
    await everyStage(subject, async stage => {
      t.same(await readRows(subject.storage, scanOf([7])), wanted, `asc ${stage}`);
      const descending = await readRows(subject.storage, scanOf([7], { order: 'desc' }));
      t.same(descending, wanted.toReversed(), `desc ${stage}`);
    });
    t.same((await append([10])).firstRows, [6], 'row numbers go on after a reopen');
  },

  async 'a projection leaves rows in their place'(t, subject) {
    await subject.storage.append(
      batch(
        1,
        { time: 1, values: { a: 1, b: 'x' } },
        { time: 2, values: { a: 2 }, metadata: '{"site":"m"}' },
        { time: 3, values: { c: true } },
      ),
    );
    const cases: [readonly string[], string[]][] = [
      [['b'], ['1/0 @1 {"b":"x"}', '1/1 @2 {}', '1/2 @3 {}']],
      [
        ['c', 'a'],
        ['1/0 @1 {"a":1}', '1/1 @2 {"a":2}', '1/2 @3 {"c":true}'],
      ],
      [['unknown'], ['1/0 @1 {}', '1/1 @2 {}', '1/2 @3 {}']],
      [[], ['1/0 @1 {}', '1/1 @2 {}', '1/2 @3 {}']],
    ];
    await everyStage(subject, async stage => {
      for (const [fields, wanted] of cases) {
        const rows = await readRows(subject.storage, scanOf([1], { fields, metadata: false }));
        t.same(rows, wanted, `${fields} ${stage}`);
      }
    });
  },

  async 'metadata stays with its row, and is given where it is wanted'(t, subject) {
    const append = (time: number, ...texts: (string | undefined)[]) =>
      subject.storage.append(
        batch(1, ...texts.map((metadata, at) => ({ time: time + at, values: { v: at }, metadata }))),
      );
    await append(10, '{"site":"a"}', undefined, '{}');
    await append(5, undefined, '{"site":"ü","n":[1,{"deep":null}]}');
    const rows = [
      '1/3 @5 {"v":0}',
      '1/4 @6 {"v":1} {"site":"ü","n":[1,{"deep":null}]}',
      '1/0 @10 {"v":0} {"site":"a"}',
      '1/1 @11 {"v":1}',
      '1/2 @12 {"v":2} {}',
    ];
    await everyStage(subject, async stage => {
      t.same(await readRows(subject.storage, scanOf([1])), rows, stage);
      const without = await readRows(subject.storage, scanOf([1], { metadata: false }));
      t.same(
        without,
        rows.map(row => row.replace(/\} .*$/, '}')),
        stage,
      );
    });
  },

  async 'work that nobody waits for ends with the reason'(t, subject) {
    const points = Array.from({ length: 5_000 }, (_, row) => ({ time: row * 1_000, values: { v: row } }));
    await subject.storage.append(batch(1, ...points));
    await everyStage(subject, async stage => {
      const reason = new Error('gone');
      const abort = new AbortController();
      const read = async () => {
        for await (const _ of subject.storage.scan(scanOf([1], { signal: abort.signal })))
          abort.abort(reason);
      };
      await t.rejects(read(), reason, `scan ${stage}`);
      const groups: GroupSpec = { unit: 'second', count: 1 };
      const range = { sources: [1], startTime: 0, endTime: 1e9, groups };
      const sum = async () => {
        for await (const _ of subject.storage.summarise({ ...range, signal: abort.signal }))
          t.fail('it goes on');
      };
      await t.rejects(sum(), reason, `summary ${stage}`);
    });
  },

  async 'a range has its start and not its end'(t, subject) {
    const times = [0, 10, 20, 20, 30, TIMESTAMP_MAX];
    await subject.storage.append(batch(1, ...times.map(time => ({ time, values: { v: 1 } }))));
    const cases: [number, number, number[]][] = [
      [0, 10, [0]],
      [1, 10, []],
      [10, 11, [10]],
      [10, 20, [10]],
      [10, 21, [10, 20, 20]],
      [20, 20, []],
      [30, 20, []],
      [31, TIMESTAMP_MAX, []],
      [31, TIMESTAMP_MAX + 1, [TIMESTAMP_MAX]],
      [-5, 1, [0]],
      [TIMESTAMP_MAX + 1, Infinity, []],
    ];
    await everyStage(subject, async stage => {
      for (const [startTime, endTime, wanted] of cases) {
        for (const order of ['asc', 'desc'] as const) {
          const rows = await readRows(subject.storage, scanOf([1], { startTime, endTime, order }));
          const found = rows.map(row => Number(/@(\d+)/.exec(row)?.[1]));
          t.same(
            found,
            order === 'asc' ? wanted : wanted.toReversed(),
            `${startTime} to ${endTime} ${stage}`,
          );
        }
        const { lines } = await readGroups(subject.storage, {
          sources: [1],
          startTime,
          endTime,
          groups: { unit: 'all' },
        });
        t.equal(lines.length, wanted.length === 0 ? 0 : 2, `summary of ${startTime} to ${endTime} ${stage}`);
      }
    });
  },

  async 'many rows in many places are merged'(t, subject) {
    const reference = new ReferenceStorage();
    for (let round = 0; round < 6; round++) {
      const points = Array.from({ length: 900 }, (_, at) => ({
        // Neighbouring rounds overlap by half, and the last comes before all others.
        time: round === 5 ? at : 10_000 + round * 4_500 + ((at * 7) % 900) * 10,
        values: { v: round * 1_000 + at, ...(at % 3 === 0 && { s: `text ${(at * round) % 40}` }) },
      }));
      await appendToBoth(subject, reference, batch(3, ...points));
      if (round % 2 === 1) await subject.disturb(round);
    }
    await everyStage(subject, async stage => {
      for (const order of ['asc', 'desc'] as const) {
        for (const range of [
          {},
          { startTime: 15_000, endTime: 15_010 },
          { startTime: 890, endTime: 20_005 },
        ]) {
          await sameRows(t, subject, reference, scanOf([3], { ...range, order }), `${order} ${stage}`);
        }
      }
    });
  },

  async 'sources come in the order asked for'(t, subject) {
    const point = { time: 5, values: { v: 1 } };
    const { firstRows } = await subject.storage.append({
      sources: [
        sourceBatchOf(9, [point]),
        sourceBatchOf(2, [point, point]),
        sourceBatchOf(0xffff_ffff, [point]),
      ],
    });
    t.same(firstRows, [0, 0, 0]);
    const again = await subject.storage.append({
      sources: [sourceBatchOf(2, [point]), sourceBatchOf(9, [point])],
    });
    t.same(again.firstRows, [2, 1], 'first rows come in the order of the batch');
    await everyStage(subject, async stage => {
      const sourcesOf = async (sources: number[], order: 'asc' | 'desc') =>
        (await readRows(subject.storage, scanOf(sources, { order }))).map(row => row.split(' ')[0]);
      t.same(await sourcesOf([9, 5, 2], 'asc'), ['9/0', '9/1', '2/0', '2/1', '2/2'], stage);
      t.same(await sourcesOf([2, 9], 'desc'), ['2/2', '2/1', '2/0', '9/1', '9/0'], stage);
      t.same(await sourcesOf([0xffff_ffff], 'asc'), ['4294967295/0'], stage);
      t.same(await sourcesOf([], 'asc'), [], stage);
      const { lines } = await readGroups(subject.storage, summaryOf([9, 5, 2], { unit: 'all' }));
      const groups = lines.filter(line => !line.startsWith(' '));
      t.same(groups, ['9 @0 rows 2', '2 @0 rows 3'], stage);
    });
  },

  async 'whoever subscribes is told of each batch once it can be read'(t, subject) {
    const told: string[] = [];
    const point = (time: number) => ({ time, values: { v: time } });
    await subject.storage.append(batch(1, point(1)));
    let last = 0;
    subject.storage.subscribe(({ sources, values }, firstRows, position) => {
      t.ok(position > last, 'positions grow');
      last = position;
      const parts = sources.map(({ source, rowCount, offset }, index) => {
        const times = values.subarray(offset, offset + rowCount).join();
        const isThere = subject.storage.stats(source).rowCount >= firstRows[index] + rowCount;
        return `${source}/${firstRows[index]} at ${times}${isThere ? '' : ', which is not there'}`;
      });
      told.push(parts.join('; '));
    });
    const refused = batch(1, { time: 3, values: { v: 'text' } });
    await Promise.all([
      subject.storage.append(batch(1, point(5), point(4))),
      t.rejects(subject.storage.append(refused), { code: 'FIELD_TYPE' }),
      subject.storage.append({ sources: [sourceBatchOf(7, [point(2)]), sourceBatchOf(1, [point(6)])] }),
    ]);
    t.same(told, ['1/1 at 5,4', '7/0 at 2; 1/3 at 6']);
  },

  async 'a scan under way is not disturbed'(t, subject) {
    const reference = new ReferenceStorage();
    const points = (from: number) =>
      Array.from({ length: 3_000 }, (_, at) => ({ time: from + at * 2, values: { v: at } }));
    await appendToBoth(subject, reference, batch(1, ...points(0)));
    await subject.disturb(0);
    await appendToBoth(subject, reference, batch(1, ...points(1_001)));
    for (const order of ['asc', 'desc'] as const) {
      const request = scanOf([1], { order });
      const lines: string[] = [];
      let step = 0;
      for await (const chunk of subject.storage.scan(request)) {
        lines.push(...rowLines(chunk, request));
        await subject.disturb(step++);
      }
      t.same(lines, await readRows(reference, request), order);
    }
    for await (const chunk of subject.storage.scan(scanOf([1]))) {
      t.ok(chunk.timestamps.length > 0, 'a scan may be left early');
      break;
    }
    await everyStage(subject, stage => sameRows(t, subject, reference, scanOf([1]), stage));
  },

  async 'every value comes back bit by bit'(t, subject) {
    const numbers = [
      0,
      -0,
      Number.MIN_VALUE,
      -Number.MIN_VALUE,
      2 ** -1022 - Number.MIN_VALUE,
      Number.MAX_VALUE,
      -Number.MAX_VALUE,
      Infinity,
      -Infinity,
      2 ** 53 - 1,
      2 ** 53 + 2,
      0.1,
      0.30000000000000004,
      1e21,
    ];
    const texts = ['', ' ', 'on', 'off', 'on', 'ünïcödé 🌡', '\u0000', '"{}', 'x'.repeat(5_000)];
    const points: Point[] = [
      ...numbers.map(n => ({ time: 1, values: { n } })),
      ...texts.map(s => ({ time: 1, values: { s } })),
      ...[true, false, false, true].map(b => ({ time: 1, values: { b } })),
      { time: 1, values: { 'größe in m²': 2, constructor: 3 } },
    ];
    const wanted = [
      ...numbers.map(n => `{"n":${Object.is(n, -0) ? '-0' : n}}`),
      ...texts.map(s => `{"s":${JSON.stringify(s)}}`),
      ...['{"b":true}', '{"b":false}', '{"b":false}', '{"b":true}'],
      '{"constructor":3,"größe in m²":2}',
    ].map((text, row) => `1/${row} @1 ${text}`);
    await subject.storage.append(batch(1, ...points));
    await everyStage(subject, async stage => {
      t.strictSame(await readRows(subject.storage, scanOf([1])), wanted, stage);
    });
  },

  async 'a value of another type refuses the whole batch'(t, subject) {
    await subject.storage.append(batch(1, { time: 1, values: { n: 1, s: 'x', b: true } }));
    const good = sourceBatchOf(2, [{ time: 1, values: { fresh: 1 } }]);
    const cases: [Point['values'], string, FieldType, FieldType][] = [
      [{ n: 'x' }, 'n', 'number', 'string'],
      [{ n: true }, 'n', 'number', 'boolean'],
      [{ s: 0 }, 's', 'string', 'number'],
      [{ b: 0 }, 'b', 'boolean', 'number'],
      [{ also: 1, b: 'true' }, 'b', 'boolean', 'string'],
    ];
    await everyStage(subject, async stage => {
      for (const [values, field, expected, received] of cases) {
        const bad = sourceBatchOf(1, [{ time: 2, values }]);
        for (const sources of [[bad], [good, bad], [bad, good]]) {
          const error = await subject.storage.append({ sources }).then(
            () => undefined,
            (error: unknown) => error,
          );
          t.ok(error instanceof FieldTypeError, `${field} as ${received} ${stage}`);
          t.match(error, { code: 'FIELD_TYPE', source: 1, field, expected, received });
        }
      }
      t.same(await readRows(subject.storage, scanOf([1, 2])), ['1/0 @1 {"b":true,"n":1,"s":"x"}'], stage);
      t.same([...subject.storage.fields(1)], [...SEVERAL_FIELDS], stage);
      t.same([...subject.storage.fields(2)], [], 'no field of a refused batch has a type');
      t.same(subject.storage.stats(2), NO_ROWS, stage);
    });
    t.same((await subject.storage.append({ sources: [good] })).firstRows, [0]);
  },

  async 'a declared field has its type before its first value'(t, subject) {
    const { storage } = subject;
    storage.declare(1, new Map([['later', 'string'] as const, ['n', 'number'] as const]));
    storage.declare(1, new Map([['n', 'number'] as const, ['b', 'boolean'] as const]));
    const declared = [
      ['later', 'string'],
      ['n', 'number'],
      ['b', 'boolean'],
    ];
    t.same([...storage.fields(1)], declared);
    t.throws(() => storage.declare(1, new Map([['fresh', 'number'] as const, ['n', 'string'] as const])), {
      code: 'FIELD_TYPE',
      source: 1,
      field: 'n',
      expected: 'number',
      received: 'string',
    });
    t.same([...storage.fields(1)], declared, 'a refused declaration declares nothing');
    await t.rejects(storage.append(batch(1, { time: 1, values: { later: 1 } })), { code: 'FIELD_TYPE' });
    t.same(storage.stats(1), NO_ROWS);
    await storage.append(batch(1, { time: 1, values: { extra: 1, later: 'x' } }));
    t.same([...storage.fields(1)], [...declared, ['extra', 'number']]);
    await subject.disturb(0);
    t.same([...storage.fields(1)], [...declared, ['extra', 'number']]);
    t.same(await readRows(storage, scanOf([1])), ['1/0 @1 {"extra":1,"later":"x"}']);
  },

  async 'fields come in order of first appearance'(t, subject) {
    const names = ['zulu', 'alpha', 'mike', 'bravo'];
    const wanted: [string, FieldType][] = [];
    for (const [step, name] of names.entries()) {
      wanted.push([name, 'number']);
      await subject.storage.append(batch(1, { time: 100 - step, values: { [name]: step, zulu: 1 } }));
      t.same([...subject.storage.fields(1)], wanted);
      await subject.disturb(step);
      t.same([...subject.storage.fields(1)], wanted);
    }
    await subject.reopen();
    t.same([...subject.storage.fields(1)], wanted);
    t.same([...subject.storage.fields(2)], []);
  },

  async 'stats count rows and know the first and the last'(t, subject) {
    t.same(subject.storage.stats(1), NO_ROWS);
    const steps: [number[], object][] = [
      [[50], { rowCount: 1, firstTime: 50, lastTime: 50 }],
      [[70, 20, 70], { rowCount: 4, firstTime: 20, lastTime: 70 }],
      [[0], { rowCount: 5, firstTime: 0, lastTime: 70 }],
    ];
    for (const [step, [times, wanted]] of steps.entries()) {
      await subject.storage.append(batch(1, ...times.map(time => ({ time, values: { v: 1 } }))));
      t.same(subject.storage.stats(1), wanted);
      await subject.disturb(step);
      t.same(subject.storage.stats(1), wanted);
    }
    await subject.reopen();
    t.same(subject.storage.stats(1), steps[2][1]);
  },

  async 'an erased source is gone at once and for ever'(t, subject) {
    const points = (text: string) => [{ time: 1, values: { v: 1, s: text }, metadata: '{}' }];
    const append = (source: number) => subject.storage.append(batch(source, ...points(`of ${source}`)));
    await append(1);
    await append(2);
    await subject.disturb(0);
    await append(2);
    await append(3);
    await subject.storage.erase([]);
    await subject.storage.erase([2, 12_345]);
    await everyStage(subject, async stage => {
      const rows = ['1/0 @1 {"s":"of 1","v":1} {}', '3/0 @1 {"s":"of 3","v":1} {}'];
      t.same(await readRows(subject.storage, scanOf([1, 2, 3])), rows, stage);
      const { lines } = await readGroups(subject.storage, summaryOf([2], { unit: 'all' }));
      t.same(lines, [], stage);
      t.same(subject.storage.stats(2), NO_ROWS, stage);
      t.same([...subject.storage.fields(2)], [], stage);
      t.equal(subject.storage.stats(1).rowCount, 1, stage);
    });
    await subject.storage.erase([3, 1]);
    await subject.storage.erase([1]);
    await everyStage(subject, async stage => {
      t.same(await readRows(subject.storage, scanOf([1, 2, 3])), [], stage);
    });
  },

  async 'summaries count, bound and sum each group'(t, subject) {
    const minute = 60_000;
    await subject.storage.append({
      sources: [
        sourceBatchOf(4, [
          { time: minute + 5, values: { n: 3, s: 'b' } },
          { time: minute, values: { n: 0.5, s: 'a', flag: true } },
          { time: minute - 1, values: { flag: false } },
          { time: minute + 5, values: { n: -7, s: 'c' } },
          { time: 5 * minute, values: { n: Infinity } },
          { time: 5 * minute, values: { n: 1 } },
          { time: 6 * minute, values: { n: Infinity } },
          { time: 6 * minute, values: { n: -Infinity } },
        ]),
        sourceBatchOf(1, [{ time: minute, values: { other: 'x' } }]),
      ],
    });
    const lines = [
      '4 @0 rows 1',
      '  "flag" boolean count 1 min NaN max NaN first false @59999 last false @59999',
      '4 @60000 rows 3',
      '  "flag" boolean count 1 min NaN max NaN first true @60000 last true @60000',
      '  "n" number count 3 min -7 max 3 first 0.5 @60000 last -7 @60005',
      '  "s" string count 3 min NaN max NaN first "a" @60000 last "c" @60005',
      '4 @300000 rows 2',
      '  "n" number count 2 min 1 max Infinity first Infinity @300000 last 1 @300000',
      '4 @360000 rows 2',
      '  "n" number count 2 min -Infinity max Infinity first Infinity @360000 last -Infinity @360000',
      '1 @60000 rows 1',
      '  "other" string count 1 min NaN max NaN first "x" @60000 last "x" @60000',
    ];
    const isOfNumbers = (line: string) => line.includes(' number ');
    await everyStage(subject, async stage => {
      const read = await readGroups(subject.storage, summaryOf([4, 1], { unit: 'minute', count: 1 }));
      t.same(read.lines, lines, stage);
      const sums = read.sums.map(({ sum }) => sum).filter((_, at) => isOfNumbers(fieldLines(lines)[at]));
      t.same(sums, [-3.5, Infinity, Number.NaN], stage);

      const cut = await readGroups(subject.storage, {
        ...summaryOf([4], { unit: 'minute', count: 1 }),
        startTime: minute + 5,
        endTime: 5 * minute,
        fields: ['n', 'flag'],
      });
      const cutLines = ['4 @60000 rows 2', '  "n" number count 2 min -7 max 3 first 3 @60005 last -7 @60005'];
      t.same(cut.lines, cutLines, `a group keeps its start where the range cuts it ${stage}`);
      const whole = await readGroups(subject.storage, {
        ...summaryOf([1], { unit: 'all' }),
        startTime: 17,
        fields: [],
      });
      t.same(whole.lines, ['1 @17 rows 1'], `all rows are one group from the start of the range ${stage}`);
    });
  },

  async 'sums keep what rounding would lose'(t, subject) {
    const numbers = [1e16, 1, 1, -1e16, ...Array.from({ length: 2_000 }, () => 0.1)];
    await subject.storage.append(batch(1, ...numbers.map((v, time) => ({ time, values: { v } }))));
    await everyStage(subject, async stage => {
      const { sums } = await readGroups(subject.storage, summaryOf([1], { unit: 'all' }));
      t.ok(Math.abs(sums[0].sum - 202) < 1e-9, `${sums[0].sum} ${stage}`);
    });
  },

  async 'summaries of every unit are those of the reference'(t, subject) {
    const reference = new ReferenceStorage();
    const start = Date.UTC(2023, 11, 20);
    const points = Array.from({ length: 1_500 }, (_, at) => ({
      time: start + ((at * 37) % 1_500) * 3_456_789,
      values: {
        v: at / 8,
        ...(at % 5 === 0 && { s: `${at % 7}` }),
        ...(at % 4 === 0 && { b: at % 8 === 0 }),
      },
    }));
    for (const part of [points.slice(0, 700), points.slice(700, 1_300), points.slice(1_300)]) {
      await appendToBoth(subject, reference, batch(1, ...part));
      await subject.disturb(0);
    }
    const specs: GroupSpec[] = [
      { unit: 'all' },
      ...(['hour', 'day', 'week', 'month', 'year'] as const).flatMap(unit =>
        [1, 2, 5].map(count => ({ unit, count })),
      ),
      { unit: 'second', count: 7 },
      { unit: 'minute', count: 90 },
    ];
    await everyStage(subject, async stage => {
      for (const groups of specs) {
        const range = { startTime: start + 1e8 + 1, endTime: start + 5e9 };
        for (const request of [summaryOf([1], groups), { ...summaryOf([1], groups), ...range }]) {
          const [actual, wanted] = [
            await readGroups(subject.storage, request),
            await readGroups(reference, request),
          ];
          const name = `${JSON.stringify(groups)} ${stage}`;
          t.same(actual.lines, wanted.lines, name);
          t.ok(
            actual.sums.every((sum, at) => sumsAgree(sum, wanted.sums[at])),
            name,
          );
        }
      }
    });
  },
};

const NO_ROWS = { rowCount: 0, firstTime: undefined, lastTime: undefined };

const SEVERAL_FIELDS: readonly [string, FieldType][] = [
  ['n', 'number'],
  ['s', 'string'],
  ['b', 'boolean'],
];

function batch(source: number, ...points: Point[]): Batch {
  return { sources: [sourceBatchOf(source, points)] };
}

function scanOf(sources: readonly number[], part: Partial<ScanRequest> = {}): ScanRequest {
  return { sources, startTime: 0, endTime: TIMESTAMP_MAX + 1, order: 'asc', metadata: true, ...part };
}

function summaryOf(sources: readonly number[], groups: GroupSpec) {
  return { sources, startTime: 0, endTime: TIMESTAMP_MAX + 1, groups };
}

function fieldLines(lines: readonly string[]): string[] {
  return lines.filter(line => line.startsWith(' '));
}

async function appendToBoth(subject: Subject, reference: Storage, batch: Batch): Promise<void> {
  await subject.storage.append(batch);
  await reference.append(batch);
}

async function sameRows(
  t: Test,
  subject: Subject,
  reference: Storage,
  request: ScanRequest,
  name: string,
): Promise<void> {
  t.same(await readRows(subject.storage, request), await readRows(reference, request), name);
}

/** What is true of points is true wherever they are kept: in memory, moved, and after a restart. */
async function everyStage(subject: Subject, check: (stage: string) => Promise<void>): Promise<void> {
  await check('as appended');
  await subject.disturb(0);
  await check('after one step of upkeep');
  await subject.disturb(1);
  await subject.disturb(2);
  await check('after more upkeep');
  await subject.reopen();
  await check('after a reopen');
}
