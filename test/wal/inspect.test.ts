import t from 'tap';
import { inspectLog } from '../../wal/inspect.js';
import type { Sequence } from '../../wal/records.js';
import { segmentName } from '../../wal/segment.js';
import { FakeDisk } from '../support/fake-disk.js';
import { buildFile, offsetOf, payloadOf } from './pieces.js';

const nameOf = (first: number) => segmentName(first as Sequence);

t.test('the report names every file and all damage, and nothing is changed', async t => {
  const disk = new FakeDisk();
  const put = (first: number, bytes: Uint8Array) => disk.put(`log/${nameOf(first)}`, bytes);
  const at = (first: number) => ({ first: first as Sequence, previous: (first - 1) as Sequence });
  put(1, buildFile(['full', 'full']));
  put(3, buildFile(['full', 'garbage', 'full'], at(3)));
  put(5, buildFile(['full', 'newer', 'full'], at(5)));
  put(9, buildFile(['full'], at(9)));
  put(10, buildFile(['full', 'torn'], at(10)));
  put(11, new Uint8Array(3));
  const before = disk.files();
  const seen: string[] = [];
  const { files, damage } = await inspectLog(disk, 'log', ({ sequence, payload }) => {
    seen.push(`${sequence} ${Buffer.from(payload).toString('latin1') === payloadOf(sequence)}`);
  });
  const rows = files.map(file => [
    file.name,
    file.records,
    file.firstSequence,
    file.lastSequence,
    file.verdict,
  ]);
  t.strictSame(rows, [
    [nameOf(1), 2, 1, 2, 'clean'],
    [nameOf(3), 1, 3, 3, 'corrupt'],
    [nameOf(5), 3, 5, 7, 'clean'],
    [nameOf(9), 1, 9, 9, 'corrupt'],
    [nameOf(10), 1, 10, 10, 'torn'],
    [nameOf(11), 0, undefined, undefined, 'half-made'],
  ]);
  t.strictSame(
    files.map(({ bytes }) => bytes),
    [...before.values()].map(({ length }) => length),
  );
  t.strictSame(
    damage.map(({ file, offset, code }) => [file, offset, code]),
    [
      [`log/${nameOf(3)}`, offsetOf(1), 'LOG_CORRUPT'],
      [`log/${nameOf(5)}`, offsetOf(1), 'LOG_VERSION'],
      [`log/${nameOf(9)}`, 0, 'LOG_CORRUPT'],
    ],
  );
  t.match(damage[2].message, 'follows sequence 8, but the file before ends with 7');
  t.strictSame(seen, ['1 true', '2 true', '3 true', '5 true', '7 true', '9 true', '10 true']);
  t.strictSame(disk.files(), before);
});

t.test('an empty directory is a log without files', async t => {
  const disk = new FakeDisk();
  await disk.makeDirectory('log');
  t.strictSame(await inspectLog(disk, 'log'), { files: [], damage: [] });
});
