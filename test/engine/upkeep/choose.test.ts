import t from 'tap';
import { chooseSegments, type SegmentFacts } from '../../../engine/upkeep/choose.js';

const KIB = 1024;
const MIB = 1024 * KIB;

function segment(bytes: number, minTime = 0, dead: Partial<SegmentFacts> = {}): SegmentFacts {
  return { bytes, minTime, rowCount: 1_000, deadRows: 0, hasErased: false, ...dead };
}

const cases: [string, SegmentFacts[], number[] | undefined][] = [
  ['nothing', [], undefined],
  ['three of a kind', [segment(1), segment(1), segment(1)], undefined],
  ['four of a kind', [segment(KIB), segment(200 * KIB), segment(1), segment(256 * KIB)], [0, 1, 2, 3]],
  ['four of two kinds', [segment(KIB), segment(KIB), segment(MIB), segment(MIB)], undefined],
  [
    'the smaller kind first',
    [
      segment(3 * MIB),
      segment(1),
      segment(3 * MIB),
      segment(1),
      segment(3 * MIB),
      segment(1),
      segment(3 * MIB),
      segment(1),
    ],
    [1, 3, 5, 7],
  ],
  ['too large together', new Array(8).fill(segment(200 * MIB)), undefined],
  [
    'no more than sixteen, closest in time',
    Array.from({ length: 20 }, (_, at) => segment(1, 20 - at)),
    Array.from({ length: 16 }, (_, at) => at + 4),
  ],
  ['some dead rows', [segment(1, 0, { deadRows: 249 })], undefined],
  ['a quarter dead', [segment(1), segment(1, 0, { deadRows: 250 })], [1]],
  ['any erased', [segment(1), segment(1, 0, { deadRows: 1, hasErased: true })], [1]],
];

for (const [name, segments, wanted] of cases) {
  t.test(name, t => {
    t.same(chooseSegments(segments), wanted);
    t.end();
  });
}

t.test('repeated, it comes to an end with few segments', t => {
  let segments: SegmentFacts[] = [];
  let written = 0;
  for (let flush = 0; flush < 2_000; flush++) {
    segments.push(segment(MIB, flush));
    for (let chosen = chooseSegments(segments); chosen !== undefined; chosen = chooseSegments(segments)) {
      const bytes = chosen.reduce((sum, position) => sum + segments[position].bytes, 0);
      written += bytes;
      const kept = segments.filter((_, position) => !chosen?.includes(position));
      segments = [...kept, segment(bytes, segments[chosen[0]].minTime)];
    }
  }
  t.ok(segments.length < 30, `${segments.length} segments`);
  t.ok(written / (2_000 * MIB) < 6, `each byte is written ${written / (2_000 * MIB)} times`);
  t.end();
});
