import t from 'tap';
import { ByteReader, BytesError, ByteWriter } from '../../../engine/base/bytes.js';

t.test('what is written is read', t => {
  const writer = new ByteWriter(1);
  const numbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 48 + 1, Number.MAX_SAFE_INTEGER];
  for (const number of numbers) writer.varint(number);
  for (const number of numbers) writer.u64(number);
  writer.u8(255);
  writer.u32(0xffff_ffff);
  writer.f64(-0);
  writer.text('Größe 🌡');
  writer.pad(8);
  t.equal(writer.length % 8, 0);
  const reader = new ByteReader(writer.finish());
  for (const number of numbers) t.equal(reader.varint(), number);
  for (const number of numbers) t.equal(reader.u64(), number);
  t.equal(reader.u8(), 255);
  t.equal(reader.u32(), 0xffff_ffff);
  t.ok(Object.is(reader.f64(), -0));
  t.equal(reader.text(), 'Größe 🌡');
  reader.pad(8);
  t.equal(reader.remaining, 0);
  t.end();
});

t.test('bytes that cannot be meant are refused', t => {
  const cases: [string, number[], (reader: ByteReader) => unknown][] = [
    ['nothing there', [], reader => reader.u8()],
    ['half a u32', [1, 2], reader => reader.u32()],
    ['a varint that goes on', [0x80], reader => reader.varint()],
    ['a varint beyond 2^53', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], reader => reader.varint()],
    ['a varint without end', new Array(12).fill(0x80), reader => reader.varint()],
    ['a u64 beyond 2^53', new Array(8).fill(0xff), reader => reader.u64()],
    ['a text past the end', [5, 0x61], reader => reader.text()],
    ['a text that is not UTF-8', [1, 0xff], reader => reader.text()],
    ['a count past the end', [9], reader => reader.count(2)],
  ];
  for (const [name, bytes, read] of cases) {
    t.throws(() => read(new ByteReader(Uint8Array.from(bytes))), BytesError, name);
  }
  t.end();
});
