import t from 'tap';
import type { Answer } from '../../../engine/query/request.js';
import { JsonWriter } from '../../../server/http/json-writer.js';
import { writeRows } from '../../../server/http/rows.js';
import { ANSWER_BYTES_MAX } from '../../../server/limits.js';

/** Rows of one source, each with a megabyte of metadata. */
function answerOf(rowCount: number): Answer {
  const zeros = new Float64Array(rowCount);
  const metadata = { values: zeros, dictionary: [`"${'x'.repeat(1024 * 1024)}"`] };
  return {
    sources: [{ source: 1, timestamps: zeros, rows: zeros, columns: [], metadata }],
    sequence: { sources: Uint32Array.of(0), rowCounts: Uint32Array.of(rowCount) },
    rowCount,
    hasMore: false,
    pointsScanned: rowCount,
    levelMs: 0,
  };
}

t.test('rows that would be longer than an answer may be', async t => {
  const ids = new Map([[1, 'a'.repeat(24)]]);
  const writer = new JsonWriter();
  writeRows(writer, answerOf(3), ids);
  t.equal(JSON.parse(Buffer.from(writer.finish()).toString()).length, 3);
  const rowCount = ANSWER_BYTES_MAX / (1024 * 1024);
  t.throws(() => writeRows(new JsonWriter(), answerOf(rowCount), ids), { code: 'ANSWER_TOO_LARGE' });
});
