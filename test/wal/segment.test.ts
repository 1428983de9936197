import t from 'tap';
import type { Sequence } from '../../wal/records.js';
import {
  decodeHeader,
  encodeHeader,
  isSegmentName,
  isTemporaryName,
  segmentName,
} from '../../wal/segment.js';

t.test('names sort as sequences do, and nothing else is one', async t => {
  const sequences = [1, 9, 10, 255, 256, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER] as Sequence[];
  const names = sequences.map(segmentName);
  t.strictSame([...names].sort(), names);
  t.ok(names.every(name => isSegmentName(name) && isTemporaryName(`${name}.tmp`)));
  for (const name of [
    '',
    '1.wal',
    '0000000000000001.wal2',
    'x0000000000000001.wal',
    '000000000000000G.wal',
    '.tmp',
  ]) {
    t.notOk(isSegmentName(name) || isTemporaryName(name), name);
  }
});

t.test('a header with any bit flipped, or cut short, is none', async t => {
  const header = {
    version: 1,
    id: 0xffffffff,
    first: (2 ** 52) as Sequence,
    previous: (2 ** 52 - 1) as Sequence,
    reused: 0xfffffff8,
  };
  const bytes = encodeHeader(header);
  t.strictSame(decodeHeader(bytes), header);
  for (let length = 0; length < bytes.length; length++) {
    if (decodeHeader(bytes.subarray(0, length)) !== undefined) t.fail(`${length} bytes`);
  }
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >> 3] ^= 1 << (bit & 7);
    if (decodeHeader(flipped) !== undefined) t.fail(`bit ${bit}`);
  }
});
