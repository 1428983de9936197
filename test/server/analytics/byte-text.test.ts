import t from 'tap';
import { byteText } from '../../../server/analytics/byte-text.js';

t.test('sizes for people', t => {
  for (const [bytes, want] of [
    [0, '0 B'],
    [1, '1 B'],
    [1_023, '1023 B'],
    [1_024, '1 KB'],
    [1_536, '1.5 KB'],
    [1_587, '1.5 KB'],
    [1_588, '1.6 KB'],
    [52_428_800, '50 MB'],
    [1_048_575, '1 MB'],
    [1_023.94 * 1_024, '1023.9 KB'],
    [1_073_741_824, '1 GB'],
    [5 * 2 ** 40, '5 TB'],
    [3_000 * 2 ** 50, '3000 PB'],
  ] as const) {
    t.equal(byteText(bytes), want, `${bytes}`);
  }
  t.end();
});
