import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as frame from '../../wal/frame.js';
import { RecordType, type Sequence } from '../../wal/records.js';
import * as segment from '../../wal/segment.js';
import { projectRoot } from '../support/root.js';

const text = readFileSync(join(projectRoot, 'wal/FORMAT.md'), 'utf8');

/** The cells of the first table under a heading, without its head. */
function table(heading: string): string[][] {
  const section = text.split(/^#+ /m).find(part => part.startsWith(`${heading}\n`));
  const rows = (section ?? '').split('\n').filter(line => line.startsWith('|'));
  return rows.slice(2).map(row =>
    row
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim().replaceAll('`', '')),
  );
}

const offsets = (heading: string) =>
  table(heading).map(([offset, name, type]) => [name, Number.parseInt(offset, 10), type]);

t.test('the header is as documented', async t => {
  t.strictSame(offsets('Header'), [
    ['magic', segment.HEADER_MAGIC, '8 bytes'],
    ['version', segment.HEADER_VERSION, 'u32'],
    ['id', segment.HEADER_ID, 'u32'],
    ['first', segment.HEADER_FIRST, 'u64'],
    ['previous', segment.HEADER_PREVIOUS, 'u64'],
    ['reused', segment.HEADER_REUSED, 'u32'],
    ['crc', segment.HEADER_CRC, 'u32'],
    ['–', segment.HEADER_BYTES, ''],
  ]);
  const meaning = new Map(table('Header').map(([, name, , meaning]) => [name, meaning]));
  t.equal(meaning.get('magic'), segment.SEGMENT_MAGIC);
  t.equal(meaning.get('version'), String(segment.SEGMENT_VERSION));
});

t.test('the frame is as documented', async t => {
  t.strictSame(offsets('Frame'), [
    ['crc', frame.FRAME_CRC, 'u32'],
    ['length', frame.FRAME_LENGTH, 'u32'],
    ['sequence', frame.FRAME_SEQUENCE, 'u64'],
    ['synced', frame.FRAME_SYNCED, 'u32'],
    ['type', frame.FRAME_TYPE, 'u16'],
    ['reserved', frame.FRAME_RESERVED, 'u16'],
    ['payload', frame.FRAME_PAYLOAD, 'bytes'],
    ['padding', frame.FRAME_PAYLOAD, 'bytes'],
  ]);
  t.match(table('Frame')[1][3], `at most ${frame.PAYLOAD_BYTES_MAX}`);
  t.match(table('Frame').at(-1), ['24 + length', 'padding', 'bytes', `multiple of ${frame.FRAME_ALIGNMENT}`]);
});

t.test('the record types are as documented', async t => {
  t.strictSame(
    Object.fromEntries(table('Record types').map(([type, name]) => [name, Number(type)])),
    RecordType,
  );
});

t.test('the names are as documented', async t => {
  const [file, temporary] = table('Names').map(([name]) => name);
  t.equal(file, segment.segmentName(1 as Sequence));
  t.ok(segment.isSegmentName(file) && !segment.isTemporaryName(file));
  t.ok(segment.isTemporaryName(temporary) && !segment.isSegmentName(temporary));
});

t.test('bytes are laid as documented', async t => {
  const header = {
    version: 1,
    id: 0xa1b2c3d4,
    first: 0x1_0000_0002 as Sequence,
    previous: 3 as Sequence,
    reused: 0xfff8,
  };
  const headerHex = Buffer.from(segment.encodeHeader(header)).toString('hex');
  t.equal(
    headerHex.slice(0, -8),
    '64616b6b696f776c' + '01000000' + 'd4c3b2a1' + '0200000001000000' + '0300000000000000' + 'f8ff0000',
  );
  t.strictSame(segment.decodeHeader(Buffer.from(headerHex, 'hex')), header);

  const parts = [Uint8Array.of(0xaa), Uint8Array.of(0xbb, 0xcc)];
  const record = { type: RecordType.catalog, sequence: 0x1_0000_0002 as Sequence, parts, payloadBytes: 3 };
  const [bytes] = frame.encodeFrames([record], header.id, 40);
  t.equal(
    Buffer.from(bytes).toString('hex').slice(8),
    '03000000' + '0200000001000000' + '28000000' + '0300' + '0000' + 'aabbcc' + '0000000000',
  );
});
