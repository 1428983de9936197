import { Unpackr } from 'msgpackr';
import t from 'tap';
import { MessagePackWriter } from '../../../server/http/message-pack-writer.js';

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: false });

function written(write: (writer: MessagePackWriter) => void): unknown {
  const writer = new MessagePackWriter();
  write(writer);
  return unpackr.unpack(writer.finish());
}

t.test('values come back as they were', t => {
  const values = [
    [0, 1, 127, 128, 255, 256, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 1e300],
    [-1, -32, -33, -128, -32_769, -(2 ** 31), -(2 ** 31) - 1, -(2 ** 53)],
    [0.1, -0.5, 5e-324, Infinity, -Infinity, Number.NaN],
    ['', 'a', 'x'.repeat(31), 'x'.repeat(32), 'é', 'é'.repeat(31), '🌡'.repeat(70_000), 'a\u0000\u007f'],
    [true, false, null, [], [[[]]], Array.from({ length: 16 }, (_, index) => index)],
    Array.from({ length: 70_000 }, (_, index) => index / 3),
  ];
  for (const items of values)
    t.strictSame(
      written(writer => writer.value(items)),
      items,
    );
  t.ok(
    Object.is(
      written(writer => writer.number(-0)),
      -0,
    ),
  );
  t.end();
});

t.test('objects of any size and names', t => {
  for (const size of [0, 1, 15, 16, 70_000]) {
    const entries = Array.from({ length: size }, (_, index) => [`n${index}`, index] as const);
    t.strictSame(
      written(writer => writer.value(Object.fromEntries(entries))),
      new Map(entries),
    );
    t.strictSame(
      written(writer => writer.members(entries, member => writer.number(member))),
      new Map(entries),
    );
  }
  const odd = JSON.parse('{"__proto__":1,"constructor":{"toJSON":"x"}}');
  t.strictSame(
    written(writer => writer.value(odd)),
    new Map<string, unknown>([
      ['__proto__', 1],
      ['constructor', new Map([['toJSON', 'x']])],
    ]),
  );
  t.end();
});

t.test('binaries', t => {
  for (const length of [0, 1, 255, 256, 200_000]) {
    const bytes = Buffer.alloc(length, 7);
    t.ok(bytes.equals(written(writer => writer.binary(bytes)) as Uint8Array), `${length} bytes`);
  }
  t.end();
});
