import t from 'tap';
import { sortedPositions } from '../../../engine/head/order.js';
import { Random, testSeed } from '../../support/random.js';

/** What a stable sort makes of it. */
function wanted(times: readonly number[]): number[] {
  return times.map((_, row) => row).sort((left, right) => times[left] - times[right] || left - right);
}

t.test('rows by time, equal ones as they came', t => {
  const cases: number[][] = [
    [],
    [7],
    [1, 2, 3],
    [3, 2, 1],
    [2, 2, 2],
    [5, 3, 5, 1, 3],
    [1, 4, 6, 2, 3, 4, 5],
    [4, 5, 6, 1, 2, 3],
    [1, 2, 9, 3, 4, 8, 5, 6, 7],
  ];
  for (const times of cases)
    t.same([...sortedPositions(Float64Array.from(times))], wanted(times), `${times}`);
  t.end();
});

t.test('stretches that overlap', t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 300; round++) {
    const times: number[] = [];
    const count = random.integer(200);
    const jump = 1 + random.integer(40);
    for (let time = 1_000; times.length < count; ) {
      for (let left = 1 + random.integer(30); left > 0 && times.length < count; left--) {
        times.push(time);
        time += random.integer(3);
      }
      time += random.integer(jump) - (jump >> 1);
    }
    const found = [...sortedPositions(Float64Array.from(times))];
    t.equal(found.join(), wanted(times).join(), `round ${round}`);
  }
  t.end();
});
