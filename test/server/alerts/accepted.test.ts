/** Sentences that are understood, each with what it means. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { FieldType } from '../../../engine/batch.js';
import type { Comparator, Condition } from '../../../server/alerts/condition.js';
import { describeCondition } from '../../../server/alerts/describe.js';
import { parseCondition } from '../../../server/alerts/parse.js';
import { projectRoot } from '../../support/root.js';
import { HOUSE } from './house.js';

type Case = readonly [text: string, want: Condition];

function check(t: Test, cases: readonly Case[], fields = HOUSE): void {
  for (const [text, want] of cases) {
    t.strictSame(parseCondition(text, fields), want, text);
    // Written out it means the same, and is written out the same again.
    const described = describeCondition(want);
    const again = parseCondition(described, fields);
    t.strictSame(again, want, described);
    t.equal(describeCondition(again), described);
  }
}

const is = (field: string, operator: Comparator, value: number | string | boolean, unit?: string) => ({
  field,
  operator,
  value,
  ...(unit !== undefined && { unit }),
});
const lasts = <C extends Condition>(durationSeconds: number, condition: C) => ({
  ...condition,
  durationSeconds,
});
const temperature = (operator: Comparator, value: number, unit?: string) =>
  is('temperature', operator, value, unit);
const silent = (durationSeconds: number): Condition => ({ operator: 'no_data', durationSeconds });
const between = (field: string, low: number, high: number, unit?: string): Condition => ({
  field,
  operator: 'between',
  low,
  high,
  ...(unit !== undefined && { unit }),
});
const outside = (field: string, low: number, high: number): Condition => ({
  field,
  operator: 'outside',
  low,
  high,
});
const measured = (
  aggregation: 'avg' | 'min' | 'max' | 'sum' | 'count',
  windowSeconds: number,
  condition: ReturnType<typeof is>,
) => ({ ...condition, aggregation, windowSeconds });
const change = (
  operator: 'rises' | 'falls',
  comparator: 'gt' | 'gte',
  value: number,
  windowSeconds: number,
  unit?: string,
  field = 'temperature',
): Condition => ({ field, operator, comparator, value, windowSeconds, ...(unit !== undefined && { unit }) });
const and = (...conditions: Parameters<typeof combined>[1]) => combined('and', conditions);
const or = (...conditions: Parameters<typeof combined>[1]) => combined('or', conditions);
const combined = (
  operator: 'and' | 'or',
  conditions: Exclude<Condition, { readonly operator: 'no_data' }>[],
) => ({ operator, conditions });

t.test('sentences of the contract', t => {
  check(t, [
    ['temperature is greater than 30', temperature('gt', 30)],
    ['humidity is less than 40', is('humidity', 'lt', 40)],
    ['pressure drops below 1000', is('pressure', 'lt', 1000)],
    ['cpu usage exceeds 80 percent', is('cpu_usage', 'gt', 80, 'percent')],
    ['Temperature exceeds 30°C for 5 minutes', lasts(300, temperature('gt', 30, '°C'))],
    ['Humidity drops below 40% for 10 minutes', lasts(600, is('humidity', 'lt', 40, '%'))],
    ['Battery level is less than 20%', is('batteryLevel', 'lt', 20, '%')],
    ['pressure equals 1013', is('pressure', 'eq', 1013)],
    ['battery is not equal to 0', is('battery', 'ne', 0)],
    ['temperature > 30 for 5 minutes', lasts(300, temperature('gt', 30))],
    ['pressure > 1020 for 1 hour', lasts(3600, is('pressure', 'gt', 1020))],
    ['No data received for 30 minutes', silent(1800)],
    ['no readings for 1 hour', silent(3600)],
    ['missing data for 2 hours', silent(7200)],
    ['temperature is at least 30', temperature('gte', 30)],
    ['temperature >= 30', temperature('gte', 30)],
    ['temperature between 10 and 20', between('temperature', 10, 20)],
    ['temperature is between 10 and 20', between('temperature', 10, 20)],
    ['temperature outside 10 to 20', outside('temperature', 10, 20)],
    ['temperature rises by more than 5 in 10 minutes', change('rises', 'gt', 5, 600)],
    ['average temperature over 5 minutes exceeds 30', measured('avg', 300, temperature('gt', 30))],
    ['temperature > 30 and humidity < 20', and(temperature('gt', 30), is('humidity', 'lt', 20))],
    ['status equals "down"', is('status', 'eq', 'down')],
    ['door is true', is('door', 'eq', true)],
  ]);
  const one = new Map<string, FieldType>([
    ['temperature', 'number'],
    ['status', 'string'],
  ]);
  // Of a source with one number, even without its name.
  check(
    t,
    [
      ['>= 30', temperature('gte', 30)],
      ['between 10 and 20', between('temperature', 10, 20)],
      ['outside 10 to 20', outside('temperature', 10, 20)],
      ['exceeds 30 for 5 minutes', lasts(300, temperature('gt', 30))],
    ],
    one,
  );
  t.end();
});

/** Phrases of a comparison, each tried with another field, number, unit and time. */
const COMPARISONS: readonly (readonly [Comparator, string])[] = [
  [
    'gt',
    'is greater than|is more than|is above|is over|is higher than|is larger than|exceeds|goes above|rises above',
  ],
  [
    'gt',
    'has gone above|climbs above|gets over|is bigger than|surpasses|is in excess of|is beyond|was above|>|gt',
  ],
  [
    'gt',
    'is currently above|stays above|remains above|becomes greater than|is hotter than|IS GREATER THAN|jumped over',
  ],
  [
    'gt',
    'is not at most|does not stay at or below|is strictly above|increases above|is not less than or equal to',
  ],
  [
    'gte',
    'is at least|is no less than|is not less than|is not below|is greater than or equal to|>=|≥|reaches|hits',
  ],
  [
    'gte',
    'is equal to or greater than|is at or above|is no lower than|does not drop below|rises to|=>|isn’t under',
  ],
  [
    'lt',
    'is less than|is below|is under|is lower than|is fewer than|drops below|falls below|goes under|dips below|<',
  ],
  [
    'lt',
    "fell below|sinks below|is smaller than|isn't at least|has dropped below|is now below|lt|is colder than",
  ],
  [
    'lte',
    'is at most|is no more than|is not more than|is not above|is less than or equal to|<=|≤|does not exceed',
  ],
  ['lte', "isn't over|is up to|is no greater than|is at or below|drops to|never exceeds|doesn't exceed|=<"],
  ['eq', 'equals|is|is equal to|=|==|is exactly|equal to|reads|is the same as|is not different from|EQUALS'],
  [
    'ne',
    "is not|is not equal to|!=|<>|≠|isn't|does not equal|doesn't equal|differs from|is different from|is other than",
  ],
];

const NAMES: readonly (readonly [string, string])[] = [
  ['temperature', 'Temperature'],
  ['cpu_usage', 'the CPU usage'],
  ['humidity', 'HUMIDITY'],
  ['outside-temperature', 'outside temperature'],
  ['batteryLevel', 'battery-level'],
  ['pressure', 'the current pressure'],
  ['pm2.5', 'PM2.5'],
  ['average load', 'average_load'],
  ['pm2.5', '"pm2.5"'],
];
const NUMBERS: readonly (readonly [number, string])[] = [
  [30, '30'],
  [-5, '-5'],
  [1000, '1,000'],
  [0.5, '.5'],
  [21.75, '21.75'],
  [1500, '1.5e3'],
  [5, '+5'],
  [1234567.5, '1,234,567.5'],
  [0, '0'],
  [-12, 'minus 12'],
  [12, 'twelve'],
];
const UNITS: readonly (readonly [string | undefined, string])[] = [
  [undefined, ''],
  ['°C', '°C'],
  ['%', '%'],
  ['percent', ' percent'],
  ['psi', ' psi'],
  ['°F', ' °F'],
  ['m/s', ' m/s'],
  ['degrees Celsius', ' degrees Celsius'],
];
const TIMES: readonly (readonly [number | undefined, string])[] = [
  [undefined, ''],
  [300, ' for 5 minutes'],
  [undefined, '.'],
  [90, ' for 90s'],
  [5400, ' for 1h30m'],
  [1800, ', for half an hour.'],
  [3600, ' for at least an hour'],
];

t.test('comparisons in other words, with other numbers, units and times', t => {
  const cases: Case[] = [];
  for (const [operator, phrases] of COMPARISONS) {
    for (const phrase of phrases.split('|')) {
      const at = cases.length;
      const [field, name] = NAMES[at % NAMES.length];
      const [number, digits] = NUMBERS[at % NUMBERS.length];
      const [unit, unitText] = UNITS[at % UNITS.length];
      const [seconds, time] = TIMES[at % TIMES.length];
      const want = is(field, operator, number, unit);
      const text = `${name} ${phrase} ${digits}${unitText}${time}`;
      cases.push([text, seconds === undefined ? want : lasts(seconds, want)]);
    }
  }
  t.ok(cases.length > 100);
  check(t, cases);
  t.end();
});

t.test('numbers and units', t => {
  check(t, [
    ['temperature>30', temperature('gt', 30)],
    ['temperature>-5', temperature('gt', -5)],
    ['temperature > −5 °C', temperature('gt', -5, '°C')],
    ['temperature < -0.5', temperature('lt', -0.5)],
    ['temperature is 1e3', temperature('eq', 1000)],
    ['temperature is 1E-3', temperature('eq', 0.001)],
    ['temperature is -0', temperature('eq', 0)],
    ['pressure is above 14.7 psi', is('pressure', 'gt', 14.7, 'psi')],
    ['pressure exceeds 1,013.25 hPa', is('pressure', 'gt', 1013.25, 'hPa')],
    ['flow exceeds 3 litres per minute for 1 minute', lasts(60, is('flow', 'gt', 3, 'litres per minute'))],
    ['flow exceeds 9.81m/s^2', is('flow', 'gt', 9.81, 'm/s^2')],
    ['flow is over 5 per minute', is('flow', 'gt', 5, 'per minute')],
    ['flow is over 30in', is('flow', 'gt', 30, 'in')],
    ['flow is over 35 µg/m³', is('flow', 'gt', 35, 'µg/m³')],
    ['flow is over 100 $', is('flow', 'gt', 100, '$')],
    ['flow is over 5 million', is('flow', 'gt', 5_000_000)],
    ['flow is over two thousand litres', is('flow', 'gt', 2000, 'litres')],
    ['flow is below zero', is('flow', 'lt', 0)],
    ['humidity exceeds 40%RH', is('humidity', 'gt', 40, '%RH')],
    ['temperature is above 30 degrees', temperature('gt', 30, 'degrees')],
    ['temperature is above 30 C.', temperature('gt', 30, 'C')],
    ['temperature is 30 or more', temperature('gte', 30)],
    ['temperature is 30°C or above for 5 min', lasts(300, temperature('gte', 30, '°C'))],
    ['temperature is 30 or less', temperature('lte', 30)],
    ['humidity is forty percent or lower', is('humidity', 'lte', 40, 'percent')],
  ]);
  t.end();
});

t.test('times', t => {
  const TEXTS: readonly (readonly [number, string])[] = [
    [1, '1 second'],
    [30, '30 seconds'],
    [45, '45 sec'],
    [90, '90s'],
    [60, 'a minute'],
    [60, 'one minute'],
    [300, '5 minutes'],
    [300, '5 min'],
    [300, '5m'],
    [300, '5mins'],
    [300, 'five minutes'],
    [300, '5 MINUTES'],
    [300, 'at least 5 minutes'],
    [300, 'more than 5 minutes'],
    [300, 'the last 5 minutes'],
    [300, '5-minutes'],
    [3600, 'an hour'],
    [3600, '1 hr'],
    [3600, 'the last hour'],
    [1800, 'half an hour'],
    [1800, 'a half hour'],
    [5400, 'an hour and a half'],
    [5400, '1 hour and 30 minutes'],
    [5400, '1 hour, 30 minutes'],
    [5400, '1 hour 30 minutes'],
    [5400, '1h30m'],
    [5400, '1h 30m'],
    [5400, '1.5 hours'],
    [66, '1.1 minutes'],
    [3661, '1h1m1s'],
    [86_400, 'a day'],
    [86_400, '24 hours'],
    [604_800, '1 week'],
    [1_209_600, 'two weeks'],
    [366 * 86_400, '366 days'],
  ];
  check(
    t,
    TEXTS.map(([seconds, text]) => [`temperature > 30 for ${text}`, lasts(seconds, temperature('gt', 30))]),
  );
  check(
    t,
    TEXTS.map(([seconds, text]) => [`no data for ${text}`, silent(seconds)]),
  );
  t.end();
});

t.test('silence', t => {
  const PHRASES =
    'no data for|No new data for|no data received in|no data points for|no points for|no readings received for|' +
    'no reading in the last|missing readings for|nothing received for|nothing is received for|no updates for|' +
    'no data has been received for|no data arrives for|no messages within|no values for at least|no samples over|' +
    'data is missing for|data missing for|readings are missing for|the source is silent for|the sensor goes silent for|' +
    'the sensor is offline for|it stops sending data for|the device stops reporting for|no measurements reported for|' +
    'alert me when no data is received for|if there is no data for|if there are no readings for|silence for|' +
    'when the source has been silent for|lack of data for|without data for|NO DATA RECEIVED FOR|no data is coming in for';
  check(
    t,
    PHRASES.split('|').map(phrase => [`${phrase} 30 minutes`, silent(1800)]),
  );
  t.end();
});

t.test('ranges', t => {
  check(t, [
    ['temperature is within 10 to 20', between('temperature', 10, 20)],
    ['temperature in 10..20', between('temperature', 10, 20)],
    ['temperature is from 10 to 20', between('temperature', 10, 20)],
    ['temperature between 10-20', between('temperature', 10, 20)],
    ['temperature is between 10 – 20', between('temperature', 10, 20)],
    ['temperature is between -20 and -10', between('temperature', -20, -10)],
    ['temperature is between 20 and 10', between('temperature', 10, 20)],
    ['temperature is between 10°C and 20°C', between('temperature', 10, 20, '°C')],
    ['temperature is between 10 and 20 °C', between('temperature', 10, 20, '°C')],
    ['temperature is between 10°C and 20', between('temperature', 10, 20, '°C')],
    ['temperature is in the range 10 to 20', between('temperature', 10, 20)],
    ['temperature is in the range of 10 to 20', between('temperature', 10, 20)],
    ['temperature is in between 5 and 5', between('temperature', 5, 5)],
    ['temperature is not outside 10 to 20', between('temperature', 10, 20)],
    ['temperature is outside 10 and 20', outside('temperature', 10, 20)],
    ['temperature goes outside of 10 to 20', outside('temperature', 10, 20)],
    ['temperature is out of 10 to 20', outside('temperature', 10, 20)],
    ['temperature is outside the range 10 to 20', outside('temperature', 10, 20)],
    ['temperature is not between 10 and 20', outside('temperature', 10, 20)],
    ["temperature isn't within 10 to 20", outside('temperature', 10, 20)],
    ['temperature between 10 and 20 for 5 minutes', lasts(300, between('temperature', 10, 20))],
    [
      'temperature is between 10 and 20 and humidity is between 30 and 40%',
      {
        operator: 'and',
        conditions: [
          { field: 'temperature', operator: 'between', low: 10, high: 20 },
          { field: 'humidity', operator: 'between', low: 30, high: 40, unit: '%' },
        ],
      },
    ],
  ]);
  t.end();
});

t.test('changes', t => {
  check(t, [
    ['temperature rises by 5 in 10 minutes', change('rises', 'gte', 5, 600)],
    ['temperature rises by at least 5 within 10 minutes', change('rises', 'gte', 5, 600)],
    ['temperature increases by more than 5°C in 10 minutes', change('rises', 'gt', 5, 600, '°C')],
    ['temperature rose by over 5 in the last hour', change('rises', 'gt', 5, 3600)],
    ['temperature goes up by 5 in an hour', change('rises', 'gte', 5, 3600)],
    ['temperature is up by more than 2.5 over 1 day', change('rises', 'gt', 2.5, 86_400)],
    ['temperature climbs more than 5 degrees in 30 minutes', change('rises', 'gt', 5, 1800, 'degrees')],
    ['temperature jumps at least 5 in 10s', change('rises', 'gte', 5, 10)],
    ['temperature increases 5 in 1 minute', change('rises', 'gte', 5, 60)],
    ['temperature rises by > 5 in 10 minutes', change('rises', 'gt', 5, 600)],
    ['temperature falls by more than 5 in 10 minutes', change('falls', 'gt', 5, 600)],
    ['temperature drops by 5 K in half an hour', change('falls', 'gte', 5, 1800, 'K')],
    ['temperature dropped by at least 5 during the last 10 minutes', change('falls', 'gte', 5, 600)],
    ['temperature has decreased by more than 5 in 10 minutes', change('falls', 'gt', 5, 600)],
    ['temperature goes down by 5 within 2 hours', change('falls', 'gte', 5, 7200)],
    ['pressure declines by 3 hPa over 3 hours', change('falls', 'gte', 3, 10_800, 'hPa', 'pressure')],
    ['battery level loses 10% in 1 hour', change('falls', 'gte', 10, 3600, '%', 'batteryLevel')],
    ['temperature rises by 5in in 10 minutes', change('rises', 'gte', 5, 600, 'in')],
    ['temperature rises by 5 in 10 minutes for 1 minute', lasts(60, change('rises', 'gte', 5, 600))],
    [
      'temperature rises by 5 in 1 hour and 5 minute average of humidity > 3',
      {
        operator: 'and',
        conditions: [
          { field: 'temperature', operator: 'rises', comparator: 'gte', value: 5, windowSeconds: 3600 },
          { field: 'humidity', operator: 'gt', value: 3, aggregation: 'avg', windowSeconds: 300 },
        ],
      },
    ],
  ]);
  t.end();
});

t.test('aggregations', t => {
  const warm = temperature('gt', 30);
  check(t, [
    ['the average temperature over the last 5 minutes is above 30', measured('avg', 300, warm)],
    ['average of temperature over 5 minutes > 30', measured('avg', 300, warm)],
    ['mean temperature for the last 5 minutes exceeds 30', measured('avg', 300, warm)],
    ['avg temperature in 5 minutes exceeds 30', measured('avg', 300, warm)],
    ['average over the last 5 minutes of temperature exceeds 30', measured('avg', 300, warm)],
    ['5 minute average of temperature exceeds 30', measured('avg', 300, warm)],
    ['the 5-minute average temperature exceeds 30', measured('avg', 300, warm)],
    ['average temperature exceeds 30 over 5 minutes', measured('avg', 300, warm)],
    ['average temperature is above 30 in the last 5 minutes', measured('avg', 300, warm)],
    ['temperature average over 5 minutes exceeds 30', measured('avg', 300, warm)],
    ['temperature averages more than 30 over 5 minutes', measured('avg', 300, warm)],
    ['temperature averages above 30°C over 5 minutes', measured('avg', 300, temperature('gt', 30, '°C'))],
    ['minimum temperature over 1 hour is below -5', measured('min', 3600, temperature('lt', -5))],
    ['lowest temperature of the last hour is under 3', measured('min', 3600, temperature('lt', 3))],
    ['max temperature over 1 day is at least 40', measured('max', 86_400, temperature('gte', 40))],
    ['the highest temperature in the last day exceeds 40', measured('max', 86_400, temperature('gt', 40))],
    ['sum of flow over 1 hour exceeds 100 litres', measured('sum', 3600, is('flow', 'gt', 100, 'litres'))],
    ['total flow during the last hour is less than 5', measured('sum', 3600, is('flow', 'lt', 5))],
    ['flow totals more than 100 in 1 day', measured('sum', 86_400, is('flow', 'gt', 100))],
    ['count of temperature over 1 hour is less than 10', measured('count', 3600, temperature('lt', 10))],
    [
      'number of temperature readings in the last hour is below 10',
      measured('count', 3600, temperature('lt', 10)),
    ],
    ['number of status values over 1 hour exceeds 5', measured('count', 3600, is('status', 'gt', 5))],
    ['average load exceeds 3', is('average load', 'gt', 3)],
    ['average of average load over 5 minutes exceeds 3', measured('avg', 300, is('average load', 'gt', 3))],
    ['average temperature over 5 minutes exceeds 30 for 10 minutes', lasts(600, measured('avg', 300, warm))],
    [
      'average temperature over 5 minutes is between 10 and 20',
      {
        field: 'temperature',
        operator: 'between',
        low: 10,
        high: 20,
        aggregation: 'avg',
        windowSeconds: 300,
      },
    ],
    [
      'average temperature over 5 minutes is below 10 or above 30',
      or(measured('avg', 300, temperature('lt', 10)), measured('avg', 300, warm)),
    ],
  ]);
  t.end();
});

t.test('texts and booleans', t => {
  check(t, [
    ["status is 'down'", is('status', 'eq', 'down')],
    ['status is “down”', is('status', 'eq', 'down')],
    ['status is down', is('status', 'eq', 'down')],
    ['status is down for 5 minutes', lasts(300, is('status', 'eq', 'down'))],
    ['status = Down.', is('status', 'eq', 'Down')],
    ['status is not "ok"', is('status', 'ne', 'ok')],
    ['status != ok', is('status', 'ne', 'ok')],
    ["status isn't ok for 1h", lasts(3600, is('status', 'ne', 'ok'))],
    ['status is shut down', is('status', 'eq', 'shut down')],
    ['status is half-open and door is on', and(is('status', 'eq', 'half-open'), is('door', 'eq', true))],
    ['status is "and"', is('status', 'eq', 'and')],
    ['status is "a \\"quoted\\" \\\\ word"', is('status', 'eq', 'a "quoted" \\ word')],
    ['status is "C:\\temp"', is('status', 'eq', 'C:\\temp')],
    ['status is ""', is('status', 'eq', '')],
    ['status is "5"', is('status', 'eq', '5')],
    ['status becomes error', is('status', 'eq', 'error')],
    ['status is true', is('status', 'eq', 'true')],
    ['status is down or is offline', or(is('status', 'eq', 'down'), is('status', 'eq', 'offline'))],
    ['door is false', is('door', 'eq', false)],
    ['door is on', is('door', 'eq', true)],
    ['door is OFF', is('door', 'eq', false)],
    ['door equals yes', is('door', 'eq', true)],
    ['door = no', is('door', 'eq', false)],
    ['door is not true', is('door', 'ne', true)],
    ['the door stays on for half an hour', lasts(1800, is('door', 'eq', true))],
  ]);
  t.end();
});

t.test('combinations: "and" binds tighter, a time is of the whole', t => {
  const hot = temperature('gt', 30);
  const dry = is('humidity', 'lt', 20);
  const open = is('door', 'eq', true);
  const hotText = 'temperature > 30';
  const dryText = 'humidity < 20';
  check(t, [
    [`${hotText} && ${dryText}`, and(hot, dry)],
    [`${hotText} & ${dryText}`, and(hot, dry)],
    [`${hotText} or ${dryText}`, or(hot, dry)],
    [`${hotText} || ${dryText}`, or(hot, dry)],
    [`${hotText}, and ${dryText}`, and(hot, dry)],
    [`either ${hotText} or ${dryText}`, or(hot, dry)],
    [`both ${hotText} AND ${dryText}`, and(hot, dry)],
    [`${hotText} and ${dryText} or door is true`, or(and(hot, dry), open)],
    [`${hotText} or ${dryText} and door is true`, or(hot, and(dry, open))],
    [`(${hotText} or ${dryText}) and door is true`, and(or(hot, dry), open)],
    [`(${hotText} and ${dryText}) and door is true`, and(hot, dry, open)],
    [`((${hotText}))`, hot],
    [`(${hotText}) for 5 minutes`, lasts(300, hot)],
    [`${hotText} and ${dryText} for 5 minutes`, lasts(300, and(hot, dry))],
    [`(${hotText} or ${dryText}) for 5 minutes`, lasts(300, or(hot, dry))],
    ['temperature is below 10 or above 30', or(temperature('lt', 10), hot)],
    ['temperature > 10 and < 30', and(temperature('gt', 10), temperature('lt', 30))],
    [
      'temperature is above 30 or 5 minute average of humidity is below 20',
      or(hot, measured('avg', 300, dry)),
    ],
    [`if ${hotText} then alert me`, hot],
    [`if ${hotText}, notify me`, hot],
    [`alert me when ${hotText}.`, hot],
    [`Alert if the ${hotText}`, hot],
    [`send an alert when ${hotText}!`, hot],
    [`Notify me as soon as ${hotText}`, hot],
    [`when ${hotText}`, hot],
    [`whenever the value of ${hotText}`, hot],
    ['  temperature\tis\n greater   than 30  ', hot],
    ['temperature level is greater than 30', hot],
    ['temperature reading exceeds 30', hot],
  ]);
  t.end();
});

t.test('names of fields', t => {
  const odd = new Map<string, FieldType>(
    [
      'a',
      'a_is',
      'a>b',
      'and',
      'for',
      'no data',
      'average',
      'the',
      'if',
      '2nd floor',
      'cpu usage',
      'cpuUsage',
      'CPU_USAGE',
      'CO₂ (ppm)',
      'höhe',
      '溫度',
      '🌡',
      'x"y',
      '-',
      'is high',
      'cpu',
      'cpu is high',
      '30',
    ].map(name => [name, 'number']),
  );
  const above = (field: string) => is(field, 'gt', 1);
  check(
    t,
    [
      ['a > 1', above('a')],
      ['A is greater than 1', above('a')],
      ['a_is is greater than 1', above('a_is')],
      // Its last word is all of what the comparison of `a` begins with.
      ['"a is" is greater than 1', above('a_is')],
      ['a>b > 1', above('a>b')],
      ['and > 1', above('and')],
      ['and > 1 and for > 1', and(above('and'), above('for'))],
      ['for > 1 for 1 minute', lasts(60, above('for'))],
      ['no data > 1', above('no data')],
      ['no data for 1 minute', silent(60)],
      ['"no data" > 1', above('no data')],
      ['average > 1', above('average')],
      ['average of average over 1 minute > 1', measured('avg', 60, above('average'))],
      ['the > 1', above('the')],
      ['if the > 1', above('the')],
      ['if > 1', above('if')],
      ['if if > 1', above('if')],
      ['2nd floor > 1', above('2nd floor')],
      ['cpu usage > 1', above('cpu usage')],
      ['cpuUsage > 1', above('cpuUsage')],
      ['CPU_USAGE > 1', above('CPU_USAGE')],
      ['CO₂ (ppm) > 1', above('CO₂ (ppm)')],
      ['Höhe > 1', above('höhe')],
      ['ho\u0308he > 1', above('höhe')],
      ['溫度 > 1', above('溫度')],
      ['🌡 > 1', above('🌡')],
      ['"x\\"y" > 1', above('x"y')],
      ['"-" > 1', above('-')],
      ['cpu is high is above 1', above('cpu is high')],
      ['cpu > 1', above('cpu')],
      ['is high > 1', above('is high')],
      ['"30" > 1', above('30')],
    ],
    odd,
  );
  t.end();
});

t.test('sentences of the documentation', t => {
  const text = readFileSync(join(projectRoot, 'server/alerts/SENTENCES.md'), 'utf8');
  const sentences = [...text.matchAll(/```text\n(.*?)```/gs)].flatMap(([, block]) =>
    block.trim().split('\n'),
  );
  t.ok(sentences.length > 30);
  const fields = new Map(
    ['temperature', 'humidity', 'cpu_usage', 'flow', 'status', 'door'].map(name => [name, HOUSE.get(name)!]),
  );
  for (const sentence of sentences) {
    const condition = parseCondition(sentence, fields);
    t.strictSame(parseCondition(describeCondition(condition), fields), condition, sentence);
  }
  t.end();
});
