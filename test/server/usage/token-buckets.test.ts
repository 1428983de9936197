import t from 'tap';
import { TokenBuckets } from '../../../server/usage/token-buckets.js';
import { Random, testSeed } from '../../support/random.js';

t.test('so many at once, and then one each fraction of a second', t => {
  const buckets = new TokenBuckets(4);
  for (let call = 0; call < 4; call++) t.equal(buckets.take('a', 1_000), undefined);
  t.equal(buckets.take('a', 1_000), 1_250);
  t.equal(buckets.take('b', 1_000), undefined, 'keys have a bucket each');
  t.equal(buckets.take('a', 1_249), 1_250);
  t.equal(buckets.take('a', 1_250), undefined);
  t.equal(buckets.take('a', 1_250), 1_500);
  t.equal(buckets.take('a', 500), 750, 'a clock that is set back gives nothing');
  for (let call = 0; call < 4; call++) t.equal(buckets.take('a', 100_000), undefined);
  t.equal(buckets.take('a', 100_000), 100_250, 'no more than a second is saved up');
  t.end();
});

t.test('in any stretch of time no more are taken than flow in, and who waits as told gets one', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 50; round++) {
    const perSecond = 1 + random.integer(20);
    const buckets = new TokenBuckets(perSecond);
    const taken: number[] = [];
    let now = 0;
    for (let step = 0; step < 300; step++) {
      now += random.integer(3) === 0 ? random.integer(700) : 0;
      const freeAt = buckets.take('a', now);
      if (freeAt === undefined) taken.push(now);
      else {
        t.ok(freeAt > now && freeAt <= now + 1_000 / perSecond + 1);
        if (random.integer(4) === 0) {
          now = freeAt;
          t.equal(buckets.take('a', now), undefined);
          taken.push(now);
        }
      }
    }
    for (let from = 0; from < taken.length; from++) {
      for (let to = from; to < taken.length; to++) {
        const most = perSecond + ((taken[to] - taken[from]) * perSecond) / 1_000;
        if (to - from + 1 > most + 1e-6) t.fail(`${to - from + 1} calls in ${taken[to] - taken[from]} ms`);
      }
    }
  }
  t.end();
});
