import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { nodeDisk } from '../../wal/disk.js';
import { inspectLog } from '../../wal/inspect.js';
import { Log } from '../../wal/log.js';
import { projectRoot } from '../support/root.js';
import { Recorder } from './recorder.js';

const golden = join(projectRoot, 'test/golden/v1/wal');

for (const name of ['clean', 'torn']) {
  t.test(`version 1, ${name}: every record that was ever written can be read`, async t => {
    const want = JSON.parse(await readFile(join(golden, `${name}.json`), 'utf8'));
    const directory = await mkdtemp(join(tmpdir(), 'dakkio-golden-'));
    t.teardown(() => rm(directory, { recursive: true }));
    await cp(join(golden, name), directory, { recursive: true });

    const report = await inspectLog(nodeDisk, directory);
    t.strictSame(report.damage, []);
    t.strictSame(
      report.files.map(({ verdict, records }) => [verdict, records]),
      [
        ['clean', 5],
        ['clean', 1],
        [name, 2],
      ],
    );
    const recorder = new Recorder();
    const log = await Log.open({ disk: nodeDisk, directory, participants: [recorder] });
    await log.close();
    const found = recorder.records.map(({ sequence, type, payload }) => {
      return { sequence, type, payload: Buffer.from(payload, 'latin1').toString('base64') };
    });
    t.strictSame(found, want);
    t.equal(log.recovery.tornTail?.bytes, name === 'torn' ? 300 : undefined);
  });
}

t.test('version 1, ahead: files longer than their records, one in the place of another', async t => {
  const want = JSON.parse(await readFile(join(golden, 'ahead.json'), 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'dakkio-golden-'));
  t.teardown(() => rm(directory, { recursive: true }));
  await cp(join(golden, 'ahead'), directory, { recursive: true });

  const report = await inspectLog(nodeDisk, directory);
  t.strictSame(report.damage, []);
  t.strictSame(
    report.files.map(({ verdict, records, bytes }) => [verdict, records, bytes]),
    [
      ['clean', 2, 5_792],
      ['clean', 3, 5_680],
    ],
  );
  const recorder = new Recorder(undefined, 5);
  const log = await Log.open({ disk: nodeDisk, directory, participants: [recorder] });
  await log.close();
  const found = recorder.records.map(({ sequence, type, payload }) => {
    return { sequence, type, payload: Buffer.from(payload, 'latin1').toString('base64') };
  });
  t.strictSame(found, want);
  t.equal(log.recovery.tornTail, undefined);
});
