/** What the explorer knows without a page. */
import t from 'tap';
import { markedSentence } from '../../../server/web/explore/alerts/rule-words.js';
import { found, PAGE_ITEMS, pageOf, sorted, sortedBy } from '../../../server/web/explore/paging.js';
import { rateText, readingText } from '../../../server/web/explore/sources/source-list.js';
import { barsOf, markedBars, niceCeiling } from '../../../server/web/explore/storage/hours.js';

t.test('lists are searched, sorted and cut', async t => {
  const items = [
    { name: 'b 10', value: 2 },
    { name: 'b 9', value: null },
    { name: 'A', value: 1 },
  ];
  const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
  t.same(names(sorted(items, ({ name }) => name, false)), ['A', 'b 9', 'b 10']);
  t.same(names(sorted(items, ({ value }) => value, false)), ['A', 'b 10', 'b 9']);
  t.same(names(sorted(items, ({ value }) => value, true)), ['b 10', 'A', 'b 9'], 'nothing stands last');
  t.same(names(found(items, ' 1  B ', ({ name }) => [name])), ['b 10']);
  t.same(names(found(items, '', ({ name }) => [name])), names(items));
  t.same(sortedBy({ column: 'a', isDescending: false }, 'a', true), { column: 'a', isDescending: true });
  t.same(sortedBy({ column: 'a', isDescending: false }, 'b', true), { column: 'b', isDescending: true });
  const numbers = Array.from({ length: PAGE_ITEMS + 1 }, (_, index) => index);
  t.same(pageOf(numbers, 7), { items: [PAGE_ITEMS], offset: PAGE_ITEMS, count: PAGE_ITEMS + 1 });
  t.same(pageOf([], 3), { items: [], offset: 0, count: 0 });
});

t.test('a sentence is marked where the server does not understand it', async t => {
  const cases: [sentence: string, message: string, want: [string, string, string] | undefined][] = [
    [
      'temprature > 3',
      'At character 1: "temprature" is not a field; did you mean "temperature"?',
      ['', 'temprature', ' > 3'],
    ],
    ['the cpu uasge > 3', 'At character 5: "cpu uasge" is not a field.', ['the ', 'cpu uasge', ' > 3']],
    ['t > 3 and', 'At character 10: the sentence ends.', ['t > 3 and', '', '']],
    ['😀 > 3 or x', 'At character 10: "x" is not a field.', ['😀 > 3 or ', 'x', '']],
    ['t foo > 3', 'At character 3: After the field comes a comparison.', ['t ', 'foo', ' > 3']],
    ['"a b" > 3', 'At character 1: ""a b"" is not a field.', ['', '"a b"', ' > 3']],
    ['t > 3', 'Bucket is archived', undefined],
  ];
  for (const [sentence, message, want] of cases) {
    const marked = markedSentence(sentence, message);
    t.same(marked && [marked.before, marked.word, marked.after], want, sentence);
  }
});

t.test('hours become bars of the whole period', async t => {
  const now = Date.UTC(2024, 0, 15, 10, 30);
  const hours = [
    { hour: '2024-01-15T09:00:00Z', count: 3 },
    { hour: '2024-01-15T10:00:00Z', count: 4 },
    { hour: '2024-01-01T00:00:00Z', count: 9 },
  ];
  const day = barsOf(hours, '24h', now);
  t.equal(day.length, 24);
  t.same(
    day.slice(-2).map(({ count }) => count),
    [3, 4],
  );
  const week = barsOf(hours, '7d', now);
  t.equal(week.length, 56);
  t.match(week.at(-1), { from: Date.UTC(2024, 0, 15, 9), to: Date.UTC(2024, 0, 15, 12), count: 7 });
  t.equal(
    barsOf(hours, '30d', now).reduce((sum, { count }) => sum + count, 0),
    16,
  );
  t.equal(barsOf(hours, '90d', now).length, 90);
  t.same(markedBars(week), [0, 19, 37]);
  t.same([0, 1, 3, 20, 21, 999, 1_001].map(niceCeiling), [1, 1, 5, 20, 50, 1_000, 2_000]);
});

t.test('rates and readings', async t => {
  t.same([null, 0, 50, 10_000, 59_700, 120_000].map(rateText), [
    '–',
    'all at once',
    '20 a second',
    'every 10 s',
    'every 1 min',
    'every 2 min',
  ]);
  t.equal(readingText(0.1 + 0.2, '°C'), '0.3 °C');
  t.equal(readingText(false, undefined), 'false');
});
