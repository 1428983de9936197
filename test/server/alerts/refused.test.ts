/** Sentences that are refused: which word, where, and what the refusal says. */
import * as fc from 'fast-check';
import t from 'tap';
import type { FieldType } from '../../../engine/batch.js';
import { ConditionError } from '../../../server/alerts/condition-error.js';
import { parseCondition } from '../../../server/alerts/parse.js';
import { RESERVED_WORDS } from '../../../server/alerts/sentence/vocabulary.js';
import { testSeed } from '../../support/random.js';
import { HOUSE } from './house.js';

type Fields = ReadonlyMap<string, FieldType>;

function refusal(text: string, fields: Fields): ConditionError {
  try {
    parseCondition(text, fields);
  } catch (error) {
    if (error instanceof ConditionError) return error;
    throw error;
  }
  throw new Error(`${text} is understood`);
}

type Case = readonly [text: string, word: string, position: number, fragment: string];

const CASES: readonly Case[] = [
  // Nothing, or not enough.
  ['', '', 1, 'is empty'],
  ['   ', '', 4, 'is empty'],
  ['alert me when', '', 14, 'the sentence ends'],
  ['the', '', 4, 'the sentence ends'],
  ['temperature', '', 12, 'After the field "temperature" comes a comparison'],
  ['temperature is', '', 15, 'comes a number; the sentence ends'],
  ['temperature is greater than', '', 28, 'After "than" comes a number'],
  ['temperature >', '', 14, 'After ">" comes a number'],
  ['temperature drops', '', 18, 'After "drops" comes a comparison'],
  ['temperature goes', '', 17, 'After "goes" comes a comparison'],
  ['temperature > 30 and', '', 21, 'the sentence ends'],
  ['temperature > 30 or', '', 20, 'the sentence ends'],
  ['temperature > 30 for', '', 21, 'comes a time such as "5 minutes"'],
  ['temperature between 10', '', 23, 'A range has two ends'],
  ['temperature between 10 and', '', 27, 'comes a number; the sentence ends'],
  ['status is', '', 10, 'comes a text such as "down"'],
  ['door is', '', 8, 'it is true or false'],
  ['no data', '', 8, '"no data" for how long?'],
  ['no data for', '', 12, 'comes a time'],
  ['average temperature over 5 minutes', '', 35, 'An average is taken over a time'],
  // Fields.
  ['temprature > 30', 'temprature', 1, 'did you mean "temperature"?'],
  ['temperatur is above 30', 'temperatur', 1, 'did you mean "temperature"?'],
  ['humidty is less than 40', 'humidty', 1, 'did you mean "humidity"?'],
  ['cpu uasge exceeds 80 percent', 'cpu uasge', 1, 'did you mean "cpu_usage"?'],
  ['the battery levle is below 20%', 'levle', 13, 'After the field "battery" comes a comparison'],
  ['wind speed > 30', 'wind speed', 1, 'is not a field of this source'],
  ['xyzzy > 30', 'xyzzy', 1, '"xyzzy" is not a field of this source'],
  ['"temprature" > 30', '"temprature"', 1, 'did you mean "temperature"?'],
  ['temperature > 30 and humidty < 20', 'humidty', 22, 'did you mean "humidity"?'],
  ['temperature > 30 or (statsu is down)', 'statsu', 22, 'did you mean "status"?'],
  ['average of temprature over 5 minutes > 30', 'average of temprature', 1, 'is not a field'],
  ['hello world', 'hello', 1, '"hello" is not a field'],
  ['30 > temperature', '30', 1, 'begins with a field, not with the number'],
  ['30', '30', 1, 'begins with a field, not with the number'],
  ['temperature > 30 or 40', '40', 21, 'begins with a field, not with the number'],
  ['exceeds 30', 'exceeds', 1, 'Of which field?'],
  ['is greater than 30', 'is greater than', 1, 'Of which field?'],
  ['drops below 5', 'drops below', 1, 'Of which field?'],
  ['> 30', '>', 1, 'Of which field?'],
  ['between 10 and 20', 'between', 1, 'Of which field?'],
  ['$ > 30', '$', 1, '"$" is not a field'],
  ['😀😀 temprature > 30', '😀😀 temprature', 1, 'is not a field'],
  ['temperature > 30 and 😀 > 5', '😀', 22, 'is not a field'],
  // Comparisons.
  ['temperature is graeter than 30', 'graeter', 16, 'did you mean "greater"?'],
  ['temperature is abov 30', 'abov', 16, 'did you mean "above"?'],
  ['temperature is gretaer than 30', 'gretaer', 16, 'did you mean "greater"?'],
  ['temperature excedes 30', 'excedes', 13, 'did you mean "exceed'],
  ['temperature grater than 30', 'grater', 13, 'did you mean "greater"?'],
  ['temperature drops belwo 30', 'belwo', 19, 'did you mean "below"?'],
  ['temperature 30', '30', 13, 'comes a comparison'],
  ['temperature warm', 'warm', 13, 'comes a comparison'],
  ['temperature or humidity > 5', 'or', 13, 'comes a comparison'],
  ['temperature and humidity > 5', 'and', 13, 'comes a comparison'],
  ['temperature ~ 30', '~', 13, 'comes a comparison'],
  ['temperature is not 30 or more', 'or more', 23, 'does not go with "not"'],
  // Numbers.
  ['temperature > hot', 'hot', 15, '"temperature" is compared with numbers: "hot" is not a number'],
  ['temperature is "30"', '"30"', 16, '"30" is not a number'],
  ['temperature exceeds humidity', 'humidity', 21, 'not compared with another field'],
  ['temperature > true', 'true', 15, 'is not a number'],
  ['temperature > 1e999', '1e999', 15, 'too large'],
  ['temperature > -1e400', '-1e400', 15, 'too large'],
  ['temperature > 0x1F', '0x1F', 15, 'decimal digits'],
  ['temperature > 1_000', '1_000', 15, 'decimal digits'],
  ['temperature > 1 000', '000', 17, 'is not understood'],
  ['temperature > 1,5', ',', 16, 'is not understood'],
  ['temperature > 1.2.3', '.', 18, 'is not understood'],
  ['temperature > NaN', 'NaN', 15, 'is not a number'],
  ['temperature > infinity', 'infinity', 15, 'is not a number'],
  ['temperature > --5', '-', 15, 'is not a number'],
  ['temperature between 10 or 20', 'or', 24, 'A range has two ends'],
  ['temperature between 10°C and 20°F', '20°F', 30, 'one unit, not "°C" and "°F"'],
  ['temperature outside hot', 'hot', 21, 'is not a number'],
  ['temperature > 30 lots of degrees', 'of', 23, 'is not understood'],
  ['temperature > 30 degrees warm', 'warm', 26, 'is not understood'],
  // Texts and booleans.
  ['status > 5', '>', 8, '"status" is a string, and strings are only equal or not'],
  ['status is greater than "a"', 'is greater than', 8, '"status" is a string'],
  ['status between a and b', 'between', 8, '"status" is a string'],
  ['status is 5', '5', 11, '"status" is a string: it is compared with a text such as "5" in quotation marks'],
  ['status is -', '-', 11, 'comes a text'],
  ['status is "down', '"down', 11, 'has no end'],
  ["status is 'down", "'down", 11, 'has no end'],
  ['status is “down"', '“down"', 11, 'has no end'],
  ['status is "down" "up"', '"up"', 18, 'is not understood'],
  ['status rises by 5 in 1 minute', 'rises by', 8, '"status" is a string: only numbers rise and fall'],
  ['average status over 5 minutes > 3', '>', 31, '"status" is a string: an average is of numbers'],
  ['door is 1', '1', 9, '"door" is a boolean'],
  ['door > 0', '>', 6, '"door" is a boolean, and booleans are only equal or not'],
  ['door is open', 'open', 9, 'it is true or false'],
  ['door is "true"', '"true"', 9, '"door" is a boolean'],
  ['maximum of door over 5 minutes is 1', 'is', 32, '"door" is a boolean: a maximum is of numbers'],
  // Changes and aggregations.
  ['temperature rises by 5', '', 23, 'A change takes place within a time'],
  ['temperature rises by 5 for 10 minutes', 'for', 24, 'A change takes place within a time'],
  [
    'temperature rises by less than 5 in 10 minutes',
    'rises by less than',
    13,
    '"by more than" or "by at least"',
  ],
  ['temperature rises by -5 in 10 minutes', '-5', 22, 'A change is more than nothing'],
  ['temperature falls by 0 in 10 minutes', '0', 22, 'A change is more than nothing'],
  ['temperature rises by lots in 10 minutes', 'lots', 22, 'is not a number'],
  ['average temperature over 5 minutes rises by 5 in 1 hour', 'rises by', 36, 'not of an aggregation'],
  ['average temperature exceeds 30', '', 31, 'An average is taken over a time'],
  ['average temperature exceeds 30 for 5 minutes', 'for', 32, 'An average is taken over a time'],
  ['total flow is above 5', '', 22, 'A sum is taken over a time'],
  ['count of status is below 5', '', 27, 'A count is taken over a time'],
  // Times.
  ['temperature > 30 for 5', '5', 22, '"5" of what?'],
  ['temperature > 30 for ages', 'ages', 22, 'comes a time'],
  ['temperature > 30 for 5 parsecs', 'parsecs', 24, 'is no unit of time'],
  ['temperature > 30 for 5 minuets', 'minuets', 24, 'did you mean "minutes"?'],
  ['temperature > 30 for 2 months', 'months', 24, 'differ in length'],
  ['temperature > 30 for 1 year', 'year', 24, 'differ in length'],
  ['temperature > 30 for 0 minutes', '0 minutes', 22, 'the least is a second'],
  ['temperature > 30 for -5 minutes', '-5 minutes', 22, 'the least is a second'],
  ['temperature > 30 for 367 days', '367 days', 22, 'the most is 366 days'],
  ['temperature > 30 for 1e9 hours', '1e9 hours', 22, 'the most is 366 days'],
  ['temperature > 30 for 1.5 seconds', '1.5 seconds', 22, 'whole number of seconds'],
  ['temperature > 30 for 500 ms', 'ms', 26, 'is no unit of time'],
  ['average temperature over 400 days > 30', '400 days', 26, 'the most is 366 days'],
  ['temperature rises by 5 in 0.1 seconds', '0.1 seconds', 27, 'whole number of seconds'],
  ['no data for 400 days', '400 days', 13, 'the most is 366 days'],
  ['temperature > 30 in 5 minutes', 'in', 18, 'say "for" where a comparison has to last'],
  ['temperature > 30 over the last hour', 'over', 18, 'say "for" where a comparison has to last'],
  ['temperature > 30 fro 5 minutes', 'fro', 18, 'did you mean "for"?'],
  ['temperature > 30 adn humidity < 20', 'adn', 18, 'did you mean "and"?'],
  // Combinations and silence.
  ['temperature > 30 for 5 minutes and humidity < 20', 'and', 32, 'a time is of the whole condition'],
  ['temperature > 30 for 5 minutes for 1 hour', 'for', 32, 'a time is of the whole condition'],
  ['(temperature > 30 for 5 minutes) and door is true', 'for', 19, 'a time is of the whole condition'],
  ['(temperature > 30', '(', 1, 'is not closed'],
  ['(temperature > 30 and (door is true)', '(', 1, 'is not closed'],
  ['temperature > 30)', ')', 17, 'was not opened'],
  ['()', ')', 2, 'is not a field'],
  ['temperature > 30 and and door is true', 'and', 22, 'is not a field'],
  ['temperature > 30 humidity < 20', '<', 27, 'is not understood'],
  ['temperature > 30; door is true', ';', 17, 'is not understood'],
  ['temperature > 30. door is true', '.', 17, 'is not understood'],
  ['no data for 5 minutes and temperature > 30', 'and', 23, 'stands alone'],
  ['temperature > 30 or no data for 5 minutes', 'no', 21, 'stands alone'],
  ['no temperature readings for 5 minutes', 'temperature', 4, 'silence is of the whole source'],
  ['no news for 5 minutes', 'news', 4, 'silence is of the whole source'],
  ['no data since monday', 'since', 9, 'for how long?'],
];

t.test('which word, where, and what would do', t => {
  t.ok(CASES.length >= 100);
  for (const [text, word, position, fragment] of CASES) {
    const error = refusal(text, HOUSE);
    t.match({ ...error, reason: error.reason }, { word, position }, text);
    t.ok(error.reason.includes(fragment), `${text}: ${error.reason}`);
  }
  t.end();
});

t.test('the fields of the source, and two sentences that it takes', t => {
  const sources: Fields[] = [
    HOUSE,
    new Map(),
    new Map([['on', 'boolean']]),
    new Map([['state "x"', 'string']]),
    new Map([
      ['for', 'number'],
      ['is for', 'number'],
    ]),
    new Map(
      Array.from({ length: 1_024 }, (_, index) => [`field ${index}`.padEnd(128, 'x'), 'number'] as const),
    ),
  ];
  for (const fields of sources) {
    for (const [text] of CASES) {
      let error: unknown;
      try {
        parseCondition(text, fields);
        // "no data …" with too long a time is all the same to them, but some are sentences of another source.
        continue;
      } catch (caught) {
        error = caught;
      }
      if (!(error instanceof ConditionError)) throw error;
      for (const example of error.examples) {
        t.ok(parseCondition(example, fields), example);
        t.ok(error.message.includes(example));
      }
      t.not(error.examples[0], error.examples[1]);
      for (const name of [...fields.keys()].slice(0, 20)) t.ok(error.message.includes(name), name);
      t.ok(error.message.length < 8_192, 'a message of any source has an end');
    }
  }
  t.match(refusal('temperature > 30', new Map()), { message: /has no fields yet/ });
  t.end();
});

t.test('names that are alike', t => {
  const fields: Fields = new Map([
    ['cpu_usage', 'number'],
    ['cpuUsage', 'number'],
  ]);
  const error = refusal('CPU usage > 5', fields);
  t.match({ ...error }, { word: 'CPU usage', position: 1 });
  t.match(error.message, /"CPU usage" can be "cpu_usage" and "cpuUsage"/);
  t.match({ ...refusal('"CPU usage" > 5', fields) }, { word: '"CPU usage"', position: 1 });
  t.strictSame(parseCondition('cpuUsage > 5', fields), { field: 'cpuUsage', operator: 'gt', value: 5 });
  t.end();
});

t.test('limits', t => {
  const parts = (count: number) => Array.from({ length: count }, () => 'battery > 5').join(' and ');
  t.match(parseCondition(parts(16), HOUSE), { operator: 'and' });
  t.match(refusal(parts(17), HOUSE).message, /at most 16 comparisons/);
  const nested = (depth: number) => `${'('.repeat(depth)}battery > 5${')'.repeat(depth)}`;
  t.match(parseCondition(nested(16), HOUSE), { operator: 'gt' });
  t.match(refusal(nested(17), HOUSE), { message: /Parentheses are at most 16/, word: '(', position: 17 });
  t.match(parseCondition(`battery > 5${' '.repeat(4_085)}`, HOUSE), { operator: 'gt' });
  t.match(
    refusal(`battery > 5${' '.repeat(4_086)}`, HOUSE).message,
    /at most 4096 characters, this one has 4097/,
  );
  t.end();
});

const seed = testSeed();
t.comment(`DAKKIO_TEST_SEED=${seed}`);

const SENTENCES = [
  'alert me when the average temperature over the last 5 minutes is above 30°C for half an hour.',
  'temperature rises by more than 5 in 10 minutes or (humidity is between 10 and 20% and door is true)',
  'status is not "down" and cpu usage >= 1,000 percent for 1h30m',
  'no data received for 30 minutes',
];

t.test('any text is either understood or refused', t => {
  const word = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...RESERVED_WORDS, ...HOUSE.keys()) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '30',
        '-5',
        '1e3',
        '1,000',
        '5m',
        '1h30m',
        '"down"',
        "'",
        '"',
        '(',
        ')',
        '\\',
      ),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 10, unit: 'binary' }) },
  );
  const sentence = fc
    .array(fc.tuple(word, fc.constantFrom('', ' ', ' ', ' ')), { maxLength: 14 })
    .map(pieces => pieces.flat().join(''));
  const damaged = fc
    .tuple(fc.constantFrom(...SENTENCES), fc.nat(60), fc.nat(6), fc.oneof(word, fc.constant('')))
    .map(([text, at, length, instead]) => text.slice(0, at) + instead + text.slice(at + length));
  let understood = 0;
  fc.assert(
    fc.property(fc.oneof(damaged, sentence, fc.string({ maxLength: 200, unit: 'binary' })), text => {
      try {
        parseCondition(text, HOUSE);
        understood++;
      } catch (error) {
        if (!(error instanceof ConditionError)) throw error;
        const { word, position } = error;
        const at = Array.from(text)
          .slice(position - 1)
          .join('');
        if (!at.startsWith(word)) throw new Error(`${JSON.stringify(word)} is not at ${position}`);
      }
    }),
    { seed, numRuns: 20_000 },
  );
  t.ok(understood > 100, `${understood} of them understood`);
  t.end();
});

/** Counts how often a parser asks for a name. */
class CountingFields extends Map<string, FieldType> {
  count = 0;

  override has(name: string): boolean {
    this.count++;
    return super.has(name);
  }
}

t.test('long texts are looked at no more often than short ones, word by word', t => {
  const names = Array.from({ length: 1_000 }, (_, index) => `a ${index}`.padEnd(128, ' b'));
  const fields = new CountingFields([...HOUSE, ...names.map(name => [name, 'number'] as const)]);
  // After each of these words a parser might look ahead, over all that come.
  const pieces = [
    'a ',
    'the ',
    'a b ',
    'last ',
    'latest ',
    'if ',
    'if the ',
    'alert me ',
    'average of ',
    'is ',
    'not ',
  ];
  const more = [
    '(',
    'and ',
    '1 ',
    '1,',
    '1h',
    '"a" ',
    'minus ',
    "'",
    'for 1 hour and ',
    'no data ',
    'hundred ',
    'x-',
  ];
  const starts = [
    '',
    'temperature ',
    'temperature > 1 ',
    'temperature > 1 for ',
    'average temperature ',
    'if ',
  ];
  for (const piece of [
    ...pieces,
    ...more,
    'or temperature > 1 ',
    'value of ',
    'temperature level ',
    'and temperature ',
  ]) {
    for (const start of starts) {
      const countOf = (length: number) => {
        fields.count = 0;
        try {
          parseCondition((start + piece.repeat(length)).slice(0, length), fields);
        } catch (error) {
          if (!(error instanceof ConditionError)) throw error;
        }
        return fields.count;
      };
      const counts = [1_024, 2_048, 4_096].map(countOf);
      t.ok(counts[2] < 20_000, `${start}${piece}…: ${counts}`);
      t.ok(counts[2] <= 2.5 * counts[1] + 100, `${start}${piece}…: ${counts}`);
    }
  }
  t.end();
});
