import t from 'tap';
import { checkAnswer, type SourceAnswer } from '../../bench/answer.js';
import { benchQuery, queryText, SMOKE_SIZE } from '../../bench/query.js';
import { automaticGroups, groupsOf, MONTHS, type Question, unevenGroups } from '../../bench/questions.js';
import { expectedAnswer, readingsOf } from '../../bench/reference.js';

const DAY_MS = 86_400_000;

t.test('every query of the goals is asked and answered right', async t => {
  let done = 0;
  const report = await benchQuery({
    ...SMOKE_SIZE,
    kind: 'dec',
    runs: 2,
    onProgress: points => {
      done = points;
    },
  });
  t.equal(report.points, SMOKE_SIZE.cpuSources * SMOKE_SIZE.cpuRows + SMOKE_SIZE.sensorRows);
  t.equal(done, report.points);
  t.equal(report.values, 10 * SMOKE_SIZE.cpuSources * SMOKE_SIZE.cpuRows + 3 * SMOKE_SIZE.sensorRows);
  t.same(
    report.cases.filter(({ goalMs }) => goalMs !== undefined).map(({ name }) => name),
    ['a', 'b', 'c', 'd', 'e', 'f', 'f uneven', 'g', 'h', 'h packed'],
  );
  for (const { name, rows, bytes } of report.cases) t.ok(rows > 0 && bytes > 0, name);
  // Of the answers, not of this machine: it changes when the work or a question does.
  t.equal(report.hash, 'c1dbaaeac4b45251');
  t.match(queryText(report), /^a +1 source, 1 field/m);
});

t.test('the reference knows its groups', t => {
  const readings = readingsOf({
    source: 'one',
    timestamps: Float64Array.of(Date.UTC(2024, 0, 31, 23, 59), Date.UTC(2024, 1, 1), Date.UTC(2024, 1, 29)),
    fields: new Map([['v', Float64Array.of(1, 2, 4)]]),
  });
  const asked = { sources: [0], fields: ['v'], startTime: 0, endTime: Date.UTC(2024, 1, 29) + 1 };
  const answer = (question: Partial<Question>) => {
    const found = expectedAnswer([readings], { ...asked, aggregation: 'avg', ...question }).get(0);
    const { timestamps, fields, counts } = found as SourceAnswer;
    return [Array.from(timestamps), Array.from(fields.get('v') ?? []), counts && Array.from(counts)];
  };
  const months = [Date.UTC(2024, 0), Date.UTC(2024, 1)];
  t.same(answer({ groups: MONTHS }), [months, [1, 3], [1, 2]]);
  t.same(answer({ groups: MONTHS, aggregation: 'max' }), [months, [1, 4], [1, 2]]);
  t.same(
    answer({ groups: groupsOf(1, 'd') })[0],
    [30, 31, 59].map(day => Date.UTC(2024, 0, 1 + day)),
  );
  t.same(answer({ aggregation: 'last', endTime: Date.UTC(2024, 1, 29) }), [[0], [2], [2]]);
  t.same(answer({ aggregation: 'none' })[1], [1, 2, 4]);
  t.equal(answer({ aggregation: 'none' })[2], undefined);
  t.end();
});

t.test('groups by the contract, and between its intervals', t => {
  const cases: [number, string, string][] = [
    [DAY_MS, '5m', '3m'],
    [30 * DAY_MS, '2h', '87m'],
    [365 * DAY_MS, 'day', '1058m'],
    [11_575 * DAY_MS, 'month', '559h'],
  ];
  for (const [rangeMs, automatic, uneven] of cases) {
    t.equal(automaticGroups(rangeMs).name, automatic);
    t.equal(unevenGroups(rangeMs).name, uneven);
  }
  t.end();
});

t.test('an answer that is not the right one is found out', t => {
  const question: Question = { sources: [0], fields: ['v'], startTime: 0, endTime: 9, aggregation: 'max' };
  const answer = (value: number, time = 1, count = 1) =>
    new Map([
      [
        0,
        {
          timestamps: Float64Array.of(time),
          fields: new Map([['v', Float64Array.of(value)]]),
          counts: Float64Array.of(count),
        },
      ],
    ]);
  const check = (found: Map<number, SourceAnswer>, aggregation: Question['aggregation'] = 'max') =>
    checkAnswer(found, answer(1), { ...question, aggregation });
  const ulp = 1 + Number.EPSILON;
  t.doesNotThrow(() => check(answer(1)));
  t.throws(() => check(answer(ulp)), /Row 0 of the v of source 0 is 1\.0000000000000002 instead of 1/);
  t.doesNotThrow(() => check(answer(ulp), 'avg'));
  t.throws(() => check(answer(1 + 1e-11), 'avg'));
  t.throws(() => check(answer(Number.NaN), 'avg'));
  t.throws(() => check(answer(1, 2)), /times of source 0/);
  t.throws(() => check(answer(1, 1, 2)), /counts of source 0/);
  t.throws(() => check(new Map()), /sources: 0 instead of 1/);
  t.end();
});
