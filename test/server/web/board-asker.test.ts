/** Figures of a live range: it moves on faster than slow answers come. */
import t from 'tap';
import { Asker } from '../../../server/web/board/asker.js';

function made(everyMs = 0) {
  const answers: string[] = [];
  const failures: unknown[] = [];
  const asker = new Asker<string>({
    everyMs,
    onAnswer: value => answers.push(value),
    onFailure: error => failures.push(error),
  });
  return { asker, answers, failures };
}

t.test('an answer on its way is let come, and the newest question is the next', async t => {
  const { asker, answers } = made();
  const asked: string[] = [];
  let answerFirst = (_value: string): void => undefined;
  const begun = new Promise<void>(resolve => {
    asker.want(() => {
      asked.push('first');
      resolve();
      return new Promise(answer => {
        answerFirst = answer;
      });
    });
  });
  await begun;
  const newest = new Promise<void>(resolve => {
    for (const name of ['second', 'third']) {
      asker.want(async () => {
        asked.push(name);
        resolve();
        return name;
      });
    }
  });
  answerFirst('slow');
  await newest;
  await Promise.resolve();
  t.same(asked, ['first', 'third']);
  t.equal(answers[0], 'slow');
});

t.test('a failure is told, and the next is asked all the same', async t => {
  const { asker, answers, failures } = made();
  await new Promise<void>(resolve => {
    asker.want(async () => {
      asker.want(async () => {
        setImmediate(resolve);
        return 'well';
      });
      throw new Error('refused');
    });
  });
  t.match(failures, [{ message: 'refused' }]);
  t.same(answers, ['well']);
});

t.test('what is closed tells nothing, and asks nothing', async t => {
  const { asker, answers, failures } = made();
  const isAborted = await new Promise<boolean>(resolve => {
    asker.want(async signal => {
      asker.want(async () => {
        t.fail('asked');
        return 'never';
      });
      asker.close();
      setImmediate(() => setImmediate(() => resolve(signal.aborted)));
      return 'late';
    });
  });
  t.ok(isAborted);
  t.same([answers, failures], [[], []]);
});
