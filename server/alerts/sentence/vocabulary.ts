/** Every word of the grammar, by what it is for. */
import type { Comparator, WindowAggregation } from '../condition.js';
import { Phrases, wordsOf } from './phrases.js';

export type Test = Comparator | 'between' | 'outside';

/** Before the condition. */
export const LEADS = wordsOf(
  'alert, alert me, alert us, notify, notify me, notify us, warn, warn me, warn us, tell me, tell us, let me know',
  'send an alert, send me an alert, trigger, trigger an alert, fire, raise an alert',
  'when, whenever, if, once, as soon as, in case',
);

/** After it. */
export const TRAILERS = wordsOf(
  'alert, alert me, alert us, notify me, notify us, warn me, warn us, tell me, tell us, let me know, then',
);

/** Before a field. */
export const ARTICLES = wordsOf(
  'the, a, an, any, my, our, its, this, current, latest, value of, reading of, level of, either, both',
);

/** After a field. */
export const NOUNS = wordsOf('value, values, reading, readings, level, levels');

export const AGGREGATIONS = new Phrases<WindowAggregation>([
  ['avg', 'average, average of, avg, avg of, mean, mean of'],
  ['min', 'minimum, minimum of, min, min of, lowest, lowest of, smallest, least'],
  ['max', 'maximum, maximum of, max, max of, highest, highest of, largest, greatest, peak'],
  ['sum', 'sum, sum of, total, total of'],
  ['count', 'count, count of, number of'],
]);

/** Verbs with an aggregation in them. */
export const AGGREGATING_VERBS = new Phrases<WindowAggregation>([
  ['avg', 'averages, averaged'],
  ['sum', 'totals, sums to, sums up to, adds up to'],
]);

/** What says that a thing is so. */
export const COPULAS = wordsOf(
  'is, are, was, were, be, been, being, becomes, become, became, gets, get, got, stays, stay, stayed, remains, remain, remained, reads, read',
);

/** What a comparison can follow, but no value. */
export const VERBS = wordsOf(
  'has, have, had, will, does, do, did, goes, go, went, gone, moves, move, moved, measures, measure, comes, come, ranges, range',
);

export const NEGATIONS = wordsOf('not, never');

/** Verbs with their negation; the first have a value after them. */
export const NEGATED_COPULAS = wordsOf("isn't, aren't, wasn't, weren't");
export const NEGATED_VERBS = wordsOf("doesn't, don't, didn't, hasn't, haven't");

export const ADVERBS = wordsOf(
  'currently, now, still, ever, always, consistently, constantly, continuously, suddenly, strictly, anywhere',
);

export const CHANGES = new Phrases<'rises' | 'falls'>([
  ['rises', 'rises, rise, rose, rising, increases, increase, increased, increasing, climbs, climb, climbed'],
  [
    'rises',
    'grows, grow, grew, jumps, jump, jumped, gains, gain, gained, surges, spikes, goes up, go up, went up, up',
  ],
  [
    'falls',
    'falls, fall, fell, falling, drops, drop, dropped, dropping, decreases, decrease, decreased, decreasing',
  ],
  [
    'falls',
    'declines, decline, declined, dips, dip, dipped, sinks, sink, sank, plunges, shrinks, loses, lose, lost',
  ],
  ['falls', 'goes down, go down, went down, down'],
]);

export const TESTS = new Phrases<Test>([
  [
    'gt',
    'greater than, more than, higher than, larger than, bigger than, hotter than, warmer than, above, over, beyond',
  ],
  ['gt', 'exceeds, exceed, exceeded, exceeding, in excess of, surpasses, surpass, >, gt'],
  ['gte', 'at least, no less than, no fewer than, no lower than, no smaller than, at or above, a minimum of'],
  ['gte', 'greater than or equal to, more than or equal to, higher than or equal to, greater or equal to'],
  ['gte', 'equal to or greater than, equal to or more than, equal to or higher than, equal to or above'],
  ['gte', 'reaches, reach, reached, hits, hit, reaches or exceeds, >=, =>, ≥, gte'],
  [
    'lt',
    'less than, fewer than, lower than, smaller than, colder than, cooler than, below, under, beneath, <, lt',
  ],
  ['lte', 'at most, no more than, no greater than, no higher than, no larger than, no bigger than, up to'],
  [
    'lte',
    'less than or equal to, fewer than or equal to, lower than or equal to, less or equal to, at or below',
  ],
  ['lte', 'equal to or less than, equal to or lower than, equal to or below, a maximum of, <=, =<, ≤, lte'],
  ['eq', 'equals, equal, equal to, exactly, the same as, identical to, =, ==, ===, eq'],
  ['ne', 'different from, different than, differs from, other than, unequal to, !=, !==, <>, ≠, ne'],
  [
    'between',
    'between, in between, within, inside, inside of, in, from, within the range, within the range of',
  ],
  ['between', 'in the range, in the range of, in the range from, within the range from'],
  ['outside', 'outside, outside of, outside the range, outside the range of, out of, out of the range'],
]);

export const OPPOSITES: Readonly<Record<Test, Test>> = {
  gt: 'lte',
  gte: 'lt',
  lt: 'gte',
  lte: 'gt',
  eq: 'ne',
  ne: 'eq',
  between: 'outside',
  outside: 'between',
};

/** Between the two ends of a range. */
export const RANGE_WORDS = wordsOf('and, to, through, until, &, -, –, —, .., ...');

/** After a number that would be exactly meant without. */
export const OR_BEYOND = new Phrases<'gte' | 'lte'>([
  ['gte', 'or more, or above, or higher, or greater, or over, or larger'],
  ['lte', 'or less, or below, or lower, or fewer, or under, or smaller'],
]);

export const AND = wordsOf('and, &&, &, and also');
export const OR = wordsOf('or, ||, |, or else');

/** Before the time for which something is so. */
export const FOR = wordsOf(
  'for, lasting, for at least, for more than, for longer than, for over, for a period of',
);

/** Before the time over which something is measured. */
export const OVER = wordsOf('over, in, within, during, across, for, of, throughout, over a period of');

/** The same after a comparison, where `for` says how long it has to last. */
export const WITHIN = wordsOf('over, in, within, during, across, throughout, over a period of');

/** Between those and the time. */
export const LATELY = wordsOf('the, last, past, previous, latest, full, whole, entire, rolling');

export const NUMBER_WORDS = new Phrases<number>([
  [0, 'zero'],
  [1, 'one'],
  [2, 'two'],
  [3, 'three'],
  [4, 'four'],
  [5, 'five'],
  [6, 'six'],
  [7, 'seven'],
  [8, 'eight'],
  [9, 'nine'],
  [10, 'ten'],
  [11, 'eleven'],
  [12, 'twelve'],
  [15, 'fifteen'],
  [20, 'twenty'],
  [30, 'thirty'],
  [40, 'forty'],
  [45, 'forty five, forty - five'],
  [50, 'fifty'],
  [60, 'sixty'],
  [90, 'ninety'],
]);

export const MINUS = wordsOf('minus, negative');

/** Before half a unit, after a whole one. */
export const AND_A_HALF = wordsOf('and a half');

export const MULTIPLIERS = new Phrases<number>([
  [100, 'hundred'],
  [1e3, 'thousand'],
  [1e6, 'million'],
  [1e9, 'billion'],
]);

/** In seconds. */
export const TIME_UNITS = new Phrases<number>([
  [1, 's, sec, secs, second, seconds'],
  [60, 'm, min, mins, minute, minutes'],
  [3_600, 'h, hr, hrs, hour, hours'],
  [86_400, 'd, day, days'],
  [604_800, 'w, wk, wks, week, weeks'],
]);

export const BOOLEANS = new Phrases<boolean>([
  [true, 'true, on, yes'],
  [false, 'false, off, no'],
]);

/** Words after a unit that belong to it. */
export const UNIT_SCALES = wordsOf('celsius, fahrenheit, kelvin, c, f, k');

/** Before what does not come: the source is silent. */
export const ABSENCES = wordsOf(
  'no, there is no, there are no, missing, lack of, without, no more, no new, no fresh, no further, no incoming, zero',
);
export const NOTHING = wordsOf('nothing, nothing new, silence, radio silence');
export const DATA = wordsOf(
  'data, reading, readings, point, points, data point, data points, value, values, update, updates',
  'message, messages, measurement, measurements, sample, samples, sensor data, sensor readings',
);
export const ARRIVALS = wordsOf(
  'is, are, was, were, has, have, been, being, received, arrives, arrive, arrived, arriving, comes in, come in, came in',
  'coming in, coming, reported, recorded, sent, seen, stored, ingested, available',
);
export const MISSING = wordsOf('missing, absent, not received, not arriving, not coming in, not available');
export const SILENT_ONES = wordsOf('source, data source, sensor, device, it');
export const SILENCES = wordsOf(
  'silent, quiet, offline, not reporting, not reporting data, not sending, not sending data',
);
export const STOPS = wordsOf(
  'stops reporting, stopped reporting, stops sending, stopped sending, stops sending data, stopped sending data',
  'stops reporting data, stopped reporting data',
);

/** What a text without quotation marks ends before. */
export const TEXT_ENDS = [AND, OR, FOR, TRAILERS];

/** What is no unit unless it is written next to its number. */
export const CONNECTIVES: ReadonlySet<string> = new Set(
  [AND, OR, FOR, OVER, WITHIN, RANGE_WORDS, TRAILERS].flatMap(phrases => [...phrases.words]),
);

/** A field of such a name has to be quoted, or may have to be. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set(
  [
    [LEADS, TRAILERS, ARTICLES, NOUNS, AGGREGATIONS, AGGREGATING_VERBS, COPULAS, VERBS, NEGATIONS],
    [
      NEGATED_COPULAS,
      NEGATED_VERBS,
      ADVERBS,
      CHANGES,
      TESTS,
      RANGE_WORDS,
      OR_BEYOND,
      AND,
      OR,
      FOR,
      OVER,
      WITHIN,
    ],
    [LATELY, NUMBER_WORDS, MINUS, MULTIPLIERS, TIME_UNITS, BOOLEANS, UNIT_SCALES, ABSENCES, NOTHING, DATA],
    [ARRIVALS, MISSING, SILENT_ONES, SILENCES, STOPS],
  ].flatMap(group => group.flatMap(phrases => [...phrases.words])),
);
