import t from 'tap';
import { type Mark, packMark, unpackMark } from '../../../server/idempotency/mark.js';
import { Marks } from '../../../server/idempotency/marks.js';
import { packList } from '../../../server/journal/ledger.js';
import { Random, testSeed } from '../../support/random.js';

const DAY = 86_400_000;

function mark(key: string, at: number, body = '{}', request = 'r'): Mark {
  return { key, request, at, status: 201, body };
}

t.test('a mark comes back from its bytes, and nothing else is one', t => {
  const some = mark('key', 1_705_276_800_123, '{"message":"ä🌡"}');
  t.same(unpackMark(packMark(some)), some);
  for (const other of [[], ['key', 'r', 1, 201], ['key', 'r', 1, 201, 5], ['key', 'r', '1', 201, '{}']]) {
    t.throws(() => unpackMark(packList(other)), /mark/);
  }
  t.end();
});

t.test('what is remembered is what a list of all marks would say', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    let marks = new Marks();
    const all: Mark[] = [];
    let now = 1_000_000 + random.integer(DAY);
    for (let step = 0; step < 60; step++) {
      // Now and then the clock is set back.
      now += random.integer(10) === 0 ? -random.integer(DAY / 10) : random.integer(DAY / 4);
      const key = `key ${random.integer(20)}`;
      const known = marks.find(key, now);
      const last = all.findLast(one => one.key === key);
      const wanted = last !== undefined && last.at > now - DAY ? last : undefined;
      // One that is a day older than the latest may have been forgotten, though the clock was set back since.
      const isOld = last !== undefined && all.some(({ at }) => last.at <= at - DAY);
      if (!isOld || known !== undefined) t.same(known, wanted);
      if (known === undefined && random.integer(3) > 0) {
        const next = mark(key, now, `{"n":${step}}`, `request ${step}`);
        all.push(next);
        marks.apply(next);
      }
      if (random.integer(10) === 0) marks = Marks.fromImage(structuredClone(marks.toImage()));
    }
  }
  t.end();
});

t.test('beyond the room there is, the oldest are forgotten', t => {
  const one = new Marks();
  one.apply(mark('0', 1));
  const room = one.bytes * 10;
  const marks = new Marks(room);
  for (let index = 0; index < 100; index++) {
    marks.apply(mark(String(index % 10) + Math.floor(index / 10), index));
    t.ok(marks.bytes <= room);
  }
  t.equal(marks.count, 9, 'keys of two letters take a little more than those of one');
  t.equal(marks.find('09', 100), undefined);
  t.ok(marks.find('99', 100));
  const large = mark('large', 101, 'x'.repeat(room));
  marks.apply(large);
  t.same(marks.find('large', 101), large, 'the latest is kept, however large');
  t.equal(marks.count, 1);
  marks.apply(mark('next', 102));
  t.equal(marks.find('large', 102), undefined);
  t.equal(marks.count, 1);
  t.end();
});

t.test('marks of more than a day before the latest take no memory', t => {
  const marks = new Marks();
  for (let index = 0; index < 50; index++) marks.apply(mark(String(index), index));
  marks.apply(mark('last', DAY + 25));
  t.equal(marks.count, 25);
  t.ok(marks.find('26', DAY));
  t.equal(marks.find('25', DAY), undefined);
  marks.apply(mark('26', 2 * DAY));
  t.equal(marks.count, 2, 'the same key again takes the place of the one before');
  t.end();
});
