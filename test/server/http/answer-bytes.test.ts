import t from 'tap';
import { ApiError } from '../../../server/errors.js';
import { startAnswer, withRoom } from '../../../server/http/answer-bytes.js';
import { ANSWER_BYTES_MAX } from '../../../server/limits.js';

t.test('there is room for what is asked, and what was written stays', t => {
  let bytes = startAnswer(0);
  t.equal(withRoom(bytes, 0, bytes.length), bytes, 'no more than is needed');
  for (let length = 0; length < 1_000_000; length += 10_000) {
    bytes = withRoom(bytes, length, 10_000);
    bytes.fill(length / 10_000, length, length + 10_000);
  }
  for (let length = 0; length < 1_000_000; length += 9_999) {
    if (bytes[length] !== Math.floor(length / 10_000)) t.fail(`byte ${length}`);
  }
  t.end();
});

t.test('an answer has an end', t => {
  t.equal(withRoom(startAnswer(0), 0, ANSWER_BYTES_MAX).length, ANSWER_BYTES_MAX);
  const tooMuch = () => withRoom(startAnswer(0), 1, ANSWER_BYTES_MAX);
  t.throws(tooMuch, new ApiError('ANSWER_TOO_LARGE'));
  t.end();
});
