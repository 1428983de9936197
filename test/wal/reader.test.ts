import t from 'tap';
import type { ReadableFile } from '../../wal/disk.js';
import { encodeFrames } from '../../wal/frame.js';
import { readSegment } from '../../wal/reader.js';
import { RecordType, type Sequence } from '../../wal/records.js';
import { HEADER_BYTES, type SegmentHeader } from '../../wal/segment.js';
import { Random } from '../support/random.js';

const MEBIBYTE = 1024 * 1024;
const header: SegmentHeader = {
  version: 1,
  id: 77,
  first: 1 as Sequence,
  previous: 0 as Sequence,
  reused: 0,
};

/** A file of the bytes after a header, which notes the reads it serves. */
function fileOf(parts: readonly Uint8Array[]): ReadableFile & { readonly reads: number[] } {
  const bytes = Buffer.concat([new Uint8Array(HEADER_BYTES), ...parts]);
  const reads: number[] = [];
  return {
    path: 'x',
    size: bytes.length,
    reads,
    read(into, position) {
      reads.push(into.length);
      return bytes.copy(into, 0, position);
    },
    close() {},
  };
}

/** Records of the sizes given, each a group of its own. */
function frames(sizes: readonly number[]): Uint8Array[] {
  let synced = HEADER_BYTES;
  return sizes.map((size, index) => {
    const parts = [new Uint8Array(size).fill(index)];
    const record = { type: RecordType.points, sequence: (index + 1) as Sequence, parts, payloadBytes: size };
    const bytes = Buffer.concat(encodeFrames([record], header.id, synced));
    synced += bytes.length;
    return bytes;
  });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

t.test('a file is read in pieces, and little of it twice', async t => {
  const sizes = Array.from({ length: 500 }, (_, index) => 9_000 + index);
  const file = fileOf(frames(sizes));
  const found: number[] = [];
  const scan = readSegment(file, header, ({ payload, sequence }) => {
    if (payload.byteOffset % 8 !== 0) t.fail('a payload is not aligned in memory');
    if (payload.some(byte => byte !== (sequence - 1) % 256)) t.fail(`record ${sequence} is wrong`);
    found.push(payload.length);
  });
  t.strictSame(found, sizes);
  t.match(scan, { records: 500, last: 500, end: file.size, verdict: 'clean' });
  t.ok(Math.max(...file.reads) <= MEBIBYTE);
  t.ok(sum(file.reads) < file.size * 1.05);
});

t.test('memory grows for a record that needs it, not for one that cannot be', async t => {
  const big = fileOf(frames([10, 3 * MEBIBYTE, 10]));
  t.match(
    readSegment(big, header, () => {}),
    { records: 3, verdict: 'clean' },
  );
  const [first] = frames([10]);
  const liar = frames([10, 10])[1];
  new DataView(liar.buffer, liar.byteOffset).setUint32(4, 200 * MEBIBYTE, true);
  const small = fileOf([first, liar, new Uint8Array(2 * MEBIBYTE)]);
  t.match(
    readSegment(small, header, () => {}),
    { records: 1, verdict: 'torn' },
  );
  t.ok(Math.max(...small.reads) <= MEBIBYTE);
});

t.test('proof of corruption is found however far behind the bad bytes it is', async t => {
  const [first, second] = frames([10, 10]);
  const garbage = new Random(1).bytes(3 * MEBIBYTE);
  const synced = HEADER_BYTES + first.length + garbage.length;
  for (const [sequence, verdict] of [
    [2, 'corrupt'],
    [1, 'torn'],
  ] as const) {
    const record = { type: RecordType.points, sequence: sequence as Sequence, parts: [], payloadBytes: 0 };
    const proof = encodeFrames([record], header.id, synced);
    const file = fileOf([first, garbage, ...proof]);
    const scan = readSegment(file, header, () => {});
    t.match(scan, { records: 1, last: 1, end: HEADER_BYTES + first.length, verdict });
  }
  t.match(
    readSegment(fileOf([first, second, garbage]), header, () => {}),
    { records: 2, verdict: 'torn' },
  );
});
