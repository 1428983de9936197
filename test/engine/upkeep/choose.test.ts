import t from 'tap';
import { DAY_MS } from '../../../engine/base/time.js';
import { type Choice, chooseSegments, type SegmentFacts } from '../../../engine/upkeep/choose.js';
import { facts } from '../../support/segment-facts.js';

const MIB = 1024 * 1024;

/** Rows of one source in some days, from the first to before the last. */
function segment(rowCount: number, [from, to]: [number, number] = [0, 1], more: Partial<SegmentFacts> = {}) {
  return facts([{ ordinal: 1, rowCount, minTime: from * DAY_MS, maxTime: to * DAY_MS - 1 }], more);
}

function ofSource(ordinal: number, rowCount: number, [from, to]: [number, number]) {
  return facts([{ ordinal, rowCount, minTime: from * DAY_MS, maxTime: to * DAY_MS - 1 }]);
}

const merge = (...positions: number[]): Choice => ({ kind: 'merge', positions });
const drop = (...positions: number[]): Choice => ({ kind: 'drop', positions });
const days = (from: number, to: number): [number, number] => [from, to];
const small = days(0, 0.01);

const cases: [string, SegmentFacts[], Choice | undefined][] = [
  ['nothing', [], undefined],
  ['three of a class', [segment(1), segment(1), segment(1)], undefined],
  ['four of a class', [segment(1), segment(60), segment(7), segment(64)], merge(0, 1, 2, 3)],
  [
    'four of two classes',
    [65, 64, 64, 256].map((rows, at) => segment(rows, days(at / 8, (at + 1) / 8))),
    undefined,
  ],
  ['four of a higher class', [257, 400, 1_000, 1_024].map(rows => segment(rows)), merge(0, 1, 2, 3)],
  [
    'the smaller class first',
    [9_000, 1, 9_000, 1, 9_000, 1, 9_000, 1].map(rows => segment(rows)),
    merge(1, 3, 5, 7),
  ],
  [
    'no more than sixteen, in a row',
    Array.from({ length: 20 }, (_, at) => segment(1, days((20 - at) / 40, (20.5 - at) / 40))),
    merge(...Array.from({ length: 16 }, (_, at) => at + 4)),
  ],
  ['too large together', new Array(8).fill(segment(1_000, days(0, 1), { bytes: 200 * MIB })), undefined],
  [
    'one that is too large is passed by',
    [500, 100, 100, 100, 100].map((mebibytes, at) =>
      segment(1_000, days(at / 8, (at + 1) / 8), { bytes: mebibytes * MIB }),
    ),
    merge(1, 2, 3, 4),
  ],
  [
    'those of one day before those of four, though their class is higher',
    [
      ...[0, 1, 2, 3].map(day => segment(1, days(day, day + 0.5))),
      ...[1.6, 1.7, 1.8, 1.9].map(day => segment(300, days(day, day + 0.1))),
    ],
    merge(4, 5, 6, 7),
  ],
  ['one of each of four days', [4, 5, 6, 7].map(day => segment(1, days(day, day + 1))), merge(0, 1, 2, 3)],
  [
    'four that two partitions of four days share, in the wider one',
    [2, 3, 4, 5].map(day => segment(1, days(day, day + 1))),
    merge(0, 1, 2, 3),
  ],
  ['decades apart', [0, 5_000, 10_000, 15_000].map(day => segment(1, days(day, day + 1))), undefined],
  [
    'each of decades',
    [0, 5_000, 10_000, 15_000].map(day => segment(1, days(day, day + 4_097))),
    merge(0, 1, 2, 3),
  ],
  ['few late rows', [segment(10_000, days(0, 4)), segment(100, days(1, 2))], undefined],
  ['an eighth of late rows', [segment(10_000, days(0, 4)), segment(1_250, days(1, 2))], merge(0, 1)],
  ['late rows of another source', [segment(10_000, days(0, 4)), ofSource(2, 1_250, days(1, 2))], undefined],
  ['rows that end later', [segment(10_000, days(0, 4)), segment(1_250, days(1, 5))], undefined],
  ['rows half of which are earlier', [segment(10_000, days(4, 8)), segment(1_250, days(2, 6))], merge(0, 1)],
  ['rows most of which are earlier', [segment(10_000, days(4, 8)), segment(1_250, days(1, 6))], undefined],
  [
    'late rows in many segments',
    [segment(32_000, days(0, 4)), ...[64, 250, 250, 600].map((rows, at) => segment(rows, days(at, at + 1)))],
    merge(0, 1, 2, 3, 4),
  ],
  [
    'late rows in few',
    [segment(32_000, days(0, 4)), segment(600, days(1, 2)), segment(600, small)],
    undefined,
  ],
  [
    'late rows for one that is too large',
    [segment(10_000, days(0, 4), { bytes: 500 * MIB }), segment(1_250, days(1, 2), { bytes: 70 * MIB })],
    undefined,
  ],
  ['some dead rows', [segment(1_000, small, { deadRows: 499 })], undefined],
  ['half of them dead', [segment(1), segment(1_000, small, { deadRows: 500 })], merge(1)],
  ['any erased', [segment(1), segment(1_000, small, { deadRows: 1, hasErased: true })], merge(1)],
  [
    'all dead, before anything else',
    [0, 1, 2, 3, 4, 5].map(at => segment(10, small, { deadRows: at % 2 ? 10 : 0, isDead: at % 2 === 1 })),
    drop(1, 3, 5),
  ],
  [
    'damaged ones are left out, but dropped',
    [0, 1, 2, 3, 4].map(() => segment(1, small, { isDamaged: true, hasErased: true, deadRows: 1 })),
    undefined,
  ],
  ['a damaged one that is dead', [segment(1, small, { isDamaged: true, isDead: true })], drop(0)],
];

for (const [name, segments, wanted] of cases) {
  t.test(name, t => {
    t.same(chooseSegments(segments), wanted);
    t.end();
  });
}
