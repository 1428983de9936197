/** What a chart asks for while its view moves, and the sensor that is none. */
import t from 'tap';
import { Feed } from '../../../server/web/chart/feed.js';
import type { View } from '../../../server/web/chart/model.js';
import type { Picture } from '../../../server/web/chart/picture.js';
import type { Plan, Screen } from '../../../server/web/chart/plan.js';
import { readingsAt } from '../../../server/web/live/simulator.js';

const SCREEN: Screen = { width: 1_000, pixelRatio: 1, drawing: 'band', timezone: 'UTC' };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const VIEW = { from: 100 * DAY, to: 101 * DAY };

interface Question {
  readonly plan: Plan;
  readonly range: View;
  readonly signal: AbortSignal;
  answer(): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** A server that answers when it is told to. */
function fixture() {
  const questions: Question[] = [];
  const pictures: Picture[] = [];
  const failures: unknown[] = [];
  const feed = new Feed({
    ask: (plan, range, signal) =>
      new Promise((resolve, reject) => {
        const settled = () => new Promise<void>(done => setImmediate(done));
        questions.push({
          ...{ plan, range, signal },
          answer: () => {
            resolve(pictureOf(plan, range));
            return settled();
          },
          fail: error => {
            reject(error);
            return settled();
          },
        });
      }),
    onPicture: picture => pictures.push(picture),
    onFailure: error => failures.push(error),
  });
  return { feed, questions, pictures, failures };
}

/** A point every 10 s, in groups of 10 minutes. */
function pictureOf(plan: Plan, range: View): Picture {
  const first = Math.ceil(range.from / 600_000);
  const times = Array.from(
    { length: Math.max(0, Math.ceil(range.to / 600_000) - first) },
    (_, index) => (first + index) * 600_000,
  );
  const values = times.map(() => 1);
  const line = { times, values, lows: values, highs: values, counts: times.map(() => 60) };
  return { plan, range, lines: [line], executionTimeMs: 1, rollupLevel: null, isCut: false };
}

t.test('what is there is not asked for again, and what is missing alone', async t => {
  const { feed, questions, pictures } = fixture();
  feed.want(VIEW, SCREEN);
  t.equal(questions.length, 1);
  t.ok(questions[0].range.from < VIEW.from && questions[0].range.to > VIEW.to, 'with a margin');
  t.ok(feed.isAsking);
  await questions[0].answer();
  t.equal(pictures.length, 1);
  feed.want({ from: VIEW.from + HOUR, to: VIEW.to + HOUR }, SCREEN);
  t.equal(questions.length, 1, 'the margin has it');
  feed.want({ from: VIEW.from + 20 * HOUR, to: VIEW.to + 20 * HOUR }, SCREEN);
  t.equal(questions.length, 2);
  t.equal(questions[1].range.from, questions[0].range.to, 'only what is missing');
  await questions[1].answer();
  t.notOk(feed.isAsking);
  const { range } = feed.picture as Picture;
  t.ok(range.to >= VIEW.to + 20 * HOUR);
});

t.test('one question at a time, the newest view next', async t => {
  const { feed, questions } = fixture();
  feed.want(VIEW, SCREEN);
  for (const days of [10, 20, 30]) feed.want({ from: days * DAY, to: (days + 1) * DAY }, SCREEN);
  t.equal(questions.length, 1);
  await questions[0].answer();
  t.equal(questions.length, 2);
  t.ok(questions[1].range.from <= 30 * DAY && questions[1].range.to >= 31 * DAY);
});

t.test('what failed is told, and asked for again when it is wanted again', async t => {
  const { feed, questions, pictures, failures } = fixture();
  feed.want(VIEW, SCREEN);
  await questions[0].fail(new Error('no'));
  t.match(failures, [{ message: 'no' }]);
  t.notOk(feed.isAsking);
  feed.want(VIEW, SCREEN);
  await questions[1].answer();
  t.equal(pictures.length, 1);
});

t.test('a part is read anew, all is forgotten, and nothing comes once it is closed', async t => {
  const { feed, questions, pictures, failures } = fixture();
  feed.want(VIEW, SCREEN);
  await questions[0].answer();
  feed.renew({ from: VIEW.to - HOUR, to: VIEW.to });
  t.equal(questions.length, 2);
  t.ok(questions[1].range.to - questions[1].range.from < 2 * HOUR, 'no more than that part');
  await questions[1].answer();
  t.same(feed.picture?.range, questions[0].range, 'it is part of the whole');
  feed.reset();
  t.equal(feed.picture, undefined);
  t.same(questions[2].range, questions[0].range);
  feed.close();
  t.ok(questions[2].signal.aborted);
  const { length } = pictures;
  await questions[2].fail(new Error('aborted'));
  t.equal(pictures.length, length);
  t.same(failures, []);
});

t.test('the simulated sensor says what a sensor may say', t => {
  for (let time = VIEW.from; time < VIEW.from + 10 * DAY; time += 7 * 60_000) {
    const { temperature, humidity, pressure } = readingsAt(time);
    const isPlausible =
      temperature > 10 &&
      temperature < 30 &&
      humidity > 20 &&
      humidity <= 98 &&
      pressure > 990 &&
      pressure < 1_035;
    if (!isPlausible) t.fail(JSON.stringify({ time, temperature, humidity, pressure }));
  }
  const [now, next] = [readingsAt(VIEW.from), readingsAt(VIEW.from + 1_000)];
  t.ok(Math.abs(now.temperature - next.temperature) < 1, 'no leaps');
  t.end();
});
