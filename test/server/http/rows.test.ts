import t from 'tap';
import { rowsText } from '../../../server/http/rows.js';
import { ANSWER_BYTES_MAX } from '../../../server/limits.js';

t.test('rows that would be longer than an answer may be', async t => {
  const metadata = `"${'x'.repeat(1024 * 1024)}"`;
  const row = { source: 1, timestamp: 0, row: 0, values: { t: 1 }, metadata };
  const ids = new Map([[1, 'a'.repeat(24)]]);
  t.equal(JSON.parse(rowsText(Array(3).fill(row), ids)).length, 3);
  const rowCount = ANSWER_BYTES_MAX / (1024 * 1024);
  t.throws(() => rowsText(Array(rowCount).fill(row), ids), { code: 'ANSWER_TOO_LARGE' });
});
