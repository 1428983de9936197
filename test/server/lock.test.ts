import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { DirectoryLockedError, lockDirectory } from '../../server/lock.js';
import { NodeProcess } from '../support/process.js';

t.test('one holder at a time, whatever the directory is called', async t => {
  const directory = t.testdir();
  const link = `${directory}-link`;
  await symlink(directory, link);
  t.teardown(async () => (await import('node:fs/promises')).unlink(link));
  const lock = await lockDirectory(directory);
  for (const name of [directory, link, join(directory, '..', directory.split('/').pop()!)]) {
    await t.rejects(lockDirectory(name), {
      code: 'DIRECTORY_LOCKED',
      pid: process.pid,
      message: `The data directory ${name} is in use by process ${process.pid}; stop that one first`,
    });
  }
  await lock.release();
  t.same(await readdir(directory), [], 'nothing is left behind');
  const again = await lockDirectory(link);
  await again.release();
});

t.test('other directories are free', async t => {
  const directory = t.testdir({ a: {}, b: {} });
  const locks = await Promise.all(['a', 'b'].map(name => lockDirectory(join(directory, name))));
  for (const lock of locks) await lock.release();
});

t.test('of many that start at once, one wins', async t => {
  const directory = t.testdir();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory)));
  const won = outcomes.filter(outcome => outcome.status === 'fulfilled');
  t.equal(won.length, 1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') t.ok(outcome.reason instanceof DirectoryLockedError);
  }
  await won[0].value.release();
});

t.test('a holder that is killed holds no longer', async t => {
  const directory = t.testdir();
  for (let round = 0; round < 2; round++) {
    const holder = new NodeProcess('test/support/lock-holder.js', [directory]);
    t.teardown(() => holder.kill('SIGKILL'));
    await holder.printed(/locked/);
    await t.rejects(lockDirectory(directory), { code: 'DIRECTORY_LOCKED', pid: holder.child.pid });
    holder.kill('SIGKILL');
    await holder.ended;
    const lock = await lockDirectory(directory);
    await lock.release();
  }
});

t.test('a holder that is stopped still holds', async t => {
  const directory = t.testdir();
  const holder = new NodeProcess('test/support/lock-holder.js', [directory]);
  t.teardown(() => holder.kill('SIGKILL'));
  await holder.printed(/locked/);
  holder.kill('SIGSTOP');
  await t.rejects(lockDirectory(directory), {
    pid: undefined,
    message: /is in use by another process/,
  });
});

t.test('paths longer than a socket may have, and directories that are not there', async t => {
  const directory = join(t.testdir(), 'd'.repeat(120));
  await t.rejects(lockDirectory(directory), { code: 'ENOENT' });
  await mkdir(directory);
  const lock = await lockDirectory(directory);
  await t.rejects(lockDirectory(directory), { code: 'DIRECTORY_LOCKED' });
  await lock.release();
});
