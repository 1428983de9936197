import t from 'tap';
import type { FrameSource } from '../../wal/frame.js';
import { GroupCommit } from '../../wal/group-commit.js';
import { LogUnavailableError, type RecordType, type Sequence } from '../../wal/records.js';

/** A commit whose writes end when the test says so. */
function controlled() {
  const groups: number[][] = [];
  let finish: { resolve: (count: number) => void; reject: (error: Error) => void } | undefined;
  const commit = new GroupCommit(queue => {
    groups.push(queue.map(({ sequence }) => sequence));
    return new Promise((resolve, reject) => {
      finish = { resolve, reject };
    });
  });
  let sequence = 0;
  const record = (): FrameSource => {
    sequence++;
    return { type: 1 as RecordType, sequence: sequence as Sequence, parts: [], payloadBytes: 0 };
  };
  const settle = async (end: (with_: NonNullable<typeof finish>) => void) => {
    end(finish!);
    for (let turns = 0; turns < 10; turns++) await undefined;
  };
  return { commit, groups, record, settle };
}

t.test('one write at a time; what comes meanwhile, and what did not fit, goes next', async t => {
  const { commit, groups, record, settle } = controlled();
  const events: string[] = [];
  const append = () =>
    commit
      .append(record(), sequence => events.push(`durable ${sequence}`))
      .then(sequence => events.push(`resolved ${sequence}`));
  append();
  append();
  t.strictSame(groups, [], 'nothing is written before the turn ends');
  await undefined;
  t.strictSame(groups, [[1, 2]]);
  append();
  const flushed = commit.flushed().then(() => events.push('flushed'));
  append();
  await settle(({ resolve }) => resolve(1));
  t.strictSame(events.splice(0), ['durable 1', 'resolved 1']);
  t.strictSame(groups[1], [2, 3, 4]);
  await settle(({ resolve }) => resolve(3));
  await flushed;
  t.strictSame(
    events.slice(0, 3),
    ['durable 2', 'durable 3', 'durable 4'],
    'all callbacks before any promise',
  );
  t.strictSame(events.slice(3).sort(), ['flushed', 'resolved 2', 'resolved 3', 'resolved 4']);
  t.equal(groups.length, 2);
  append();
  await undefined;
  t.strictSame(groups[2], [5], 'it starts again after a rest');
  await settle(({ resolve }) => resolve(1));
});

t.test('a failure refuses what waits and all that comes, and never writes again', async t => {
  const { commit, groups, record, settle } = controlled();
  const outcomes: unknown[] = [];
  const append = () =>
    commit.append(record(), () => t.fail('acknowledged')).catch(error => outcomes.push(error));
  append();
  await undefined;
  append();
  const flushed = t.rejects(commit.flushed(), { code: 'LOG_UNAVAILABLE' });
  await settle(({ reject }) => reject(new Error('EIO')));
  await flushed;
  append();
  await t.rejects(commit.flushed(), { code: 'LOG_UNAVAILABLE' });
  t.equal(groups.length, 1);
  t.equal(outcomes.length, 3);
  t.ok(outcomes.every(error => error instanceof LogUnavailableError && error === commit.failure));
  t.match(commit.failure, { cause: { message: 'EIO' } });
});
