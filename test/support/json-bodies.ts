/** Bodies of ingestion as texts of JSON, in all the ways in which clients write them, and some in which they should not. */
import type { Random } from './random.js';

export interface BodyOptions {
  readonly random: Random;
  readonly bucketId: string;
  readonly sourceIds: readonly string[];
  /** As documented: nothing unusual, and nothing wrong. */
  readonly isUsual: boolean;
}

const USUAL_NUMBERS = [
  '0',
  '-0',
  '7',
  '-12',
  '21.5',
  '0.1',
  '-273.15',
  '1e3',
  '2.5E-3',
  '123456789',
  '1234567890123',
  '0.30000000000000004',
  '9007199254740993',
  '1.7976931348623157e308',
  '5e-324',
  '0.000001234',
  '100000000000000000000000',
  '1e23',
  '-0.0',
];
const ODD_NUMBERS = ['01', '1.', '.5', '+1', '1e', '1e999', '-', '0x10', 'NaN', '1_000', '--1', '1e5.5', '٣'];
const USUAL_TEXTS = ['"on"', '""', '"défaut"', '"🌡"', `"${'a'.repeat(200)}"`, '"on"', '"a b,c:{}[]"'];
const ODD_TEXTS = ['"\\n"', '"\\u0041"', '"\\ud800"', '"a', '"\\"', '"\t"', "'x'", '"\\/"'];
const USUAL_NAMES = ['temperature', 'a', 'größe', 'usage_user', 'b c', 'x.y', 'hum'];
const ODD_NAMES = ['1', '42', '__proto__', '', 'a\\u0062', 'toString', 'constructor', 'a'.repeat(129), '0'];
const USUAL_TIMES = [
  '"2024-01-15T10:30:00Z"',
  '"2024-01-15T10:30:00.250Z"',
  '"2024-01-15T10:30:01Z"',
  '"2024-02-29T00:00:00.1Z"',
  '"2199-12-31T23:59:59.999999999Z"',
  '"1970-01-01T00:00:00Z"',
  '"2024-01-15T12:30:00+02:00"',
  '"2024-01-15"',
  '1705314600000',
  '0',
  '"2024-01-15T10:30:00"',
  '"2024-01-15t10:30:00z"',
  '"2024-01-15T10:30Z"',
  '1.7e12',
];
const ODD_TIMES = [
  '"2024-02-30T00:00:00Z"',
  '"2024-01-15T24:00:00Z"',
  '"2024-01-15T10:60:00Z"',
  '"yesterday"',
  '""',
  '-1',
  '1.5',
  'null',
  'true',
  '"2200-01-01T00:00:00Z"',
  '"2024-01-15T10:30:00.Z"',
  '"2024-01-15T10:30:00.0123456789Z"',
  '"0024-01-15T10:30:00Z"',
  '1e300',
  '"2024-01-15T1:30:00Z"',
];
const USUAL_METADATA = [
  '{}',
  '{"site":"a"}',
  '{ "site" : "b", "n":{"deep":[1,2,{"}":"{"}]}}',
  'null',
  '{"q":"\\"}"}',
  '{"1":2,"0":1,"a":1e2}',
];
const ODD_METADATA = [
  '[]',
  '"text"',
  '{"a":}',
  '{"a":1',
  '{]}',
  '7',
  `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
];

export function anyBatch(options: BodyOptions): string {
  const { random, bucketId, isUsual } = options;
  const count = 1 + random.integer(random.pick([1, 3, 12]));
  const style = styleOf(options);
  // Points of a batch mostly have one set of members.
  const names = someNames(options);
  const points = Array.from({ length: count }, () => point(options, style, names));
  const members = [`"bucketId"${style.colon}${isUsual || random.next() < 0.9 ? `"${bucketId}"` : '"nope"'}`];
  members.push(`"dataPoints"${style.colon}[${style.pad}${points.join(style.comma)}${style.pad}]`);
  return object(options, style, members);
}

export function anyPoint(options: BodyOptions): string {
  const style = styleOf(options);
  return point(options, style, someNames(options), [`"bucketId"${style.colon}"${options.bucketId}"`]);
}

export function anyColumns(options: BodyOptions): string {
  const { random, bucketId, sourceIds, isUsual } = options;
  const style = styleOf(options);
  const rowCount = 1 + random.integer(20);
  const numbers = (texts: readonly string[], odd: readonly string[]) => {
    const count = isUsual || random.next() < 0.95 ? rowCount : random.integer(30);
    const isOdd = !isUsual && random.next() < 0.2;
    const items = Array.from({ length: count }, () =>
      random.pick(isOdd && random.next() < 0.1 ? odd : texts),
    );
    return `[${style.pad}${items.join(style.comma)}${style.pad}]`;
  };
  const names = someNames(options);
  const columns = names.map((name, index) => {
    const texts = index === 0 ? USUAL_NUMBERS : [...USUAL_NUMBERS, 'null'];
    const text = numbers(isUsual ? texts : [...texts, ...USUAL_TEXTS.slice(0, 1)], ODD_NUMBERS);
    return `"${name}"${style.colon}${isUsual ? text.replace(/\[(\s*)null/, '[$10') : text}`;
  });
  const members = [
    `"dataSourceId"${style.colon}"${random.pick(sourceIds)}"`,
    `"timestamps"${style.colon}${numbers(['1705314600000', '0', '1e12', '4102444800000'], ODD_TIMES)}`,
    `"values"${style.colon}${object({ ...options, isUsual: true }, style, columns)}`,
  ];
  if (!isUsual && random.next() < 0.2) {
    members.push(`"metadata"${style.colon}${numbers(['{"a":1}', 'null'], ODD_METADATA)}`);
  }
  return object(options, style, [
    `"bucketId"${style.colon}"${bucketId}"`,
    `"columns"${style.colon}${object(options, style, members)}`,
  ]);
}

/** The bytes with one to three changes: taken out, put in, replaced, doubled, cut. */
export function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let count = 1 + random.integer(3); count > 0; count--) changed = mutatedOnce(random, changed);
  return changed;
}

function mutatedOnce(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.integer(bytes.length + 1);
  const before = bytes.subarray(0, at);
  const length = 1 + random.integer(4);
  const byte = Uint8Array.of(
    random.next() < 0.8 ? SIGNIFICANT.charCodeAt(random.integer(SIGNIFICANT.length)) : random.integer(256),
  );
  switch (random.integer(5)) {
    case 0:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 1:
      return Buffer.concat([before, byte, bytes.subarray(at)]);
    case 2:
      return Buffer.concat([before, byte, bytes.subarray(at + 1)]);
    case 3:
      return Buffer.concat([before, bytes.subarray(Math.max(0, at - 30 * length))]);
    default:
      return random.next() < 0.8 ? Buffer.concat([before, byte, byte, bytes.subarray(at)]) : before.slice();
  }
}

const SIGNIFICANT = '{}[]",:0123456789.-+eE \\tfn';

interface Style {
  readonly colon: string;
  readonly comma: string;
  readonly pad: string;
}

function styleOf({ random }: BodyOptions): Style {
  return random.pick([
    { colon: ':', comma: ',', pad: '' },
    { colon: ': ', comma: ', ', pad: '' },
    { colon: ' :\t', comma: ' ,\r\n  ', pad: '\n' },
  ]);
}

function someNames({ random, isUsual }: BodyOptions): string[] {
  const names = USUAL_NAMES.filter(() => random.next() < 0.4);
  if (names.length === 0) names.push('a');
  if (!isUsual && random.next() < 0.1) names.push(random.pick([...ODD_NAMES, names[0]]));
  return random.next() < 0.3 ? names.reverse() : names;
}

function point(
  options: BodyOptions,
  style: Style,
  names: readonly string[],
  more: readonly string[] = [],
): string {
  const { random, sourceIds, isUsual } = options;
  const own = random.next() < 0.8 ? names : someNames(options);
  const isOdd = !isUsual && random.next() < 0.3;
  const odd = (usual: readonly string[], unusual: readonly string[]) =>
    random.pick(isOdd && random.next() < 0.3 ? unusual : usual);
  // The type of a field is that of its name's length, so that points of one source agree.
  const value = (name: string, index: number) => {
    if (index > 0 && random.next() < 0.1) return 'null';
    if (!isUsual && random.next() < 0.02) return random.pick(['{}', '[1]', 'nul', 'True', '"x"']);
    if (name === 'hum') return odd(USUAL_TEXTS, ODD_TEXTS);
    return name === 'x.y' ? odd(['true', 'false'], ['TRUE', 'f']) : odd(USUAL_NUMBERS, ODD_NUMBERS);
  };
  const values = own.map((name, index) => `"${name}"${style.colon}${value(name, index)}`);
  const members = [
    ...more,
    `"dataSourceId"${style.colon}"${isOdd && random.next() < 0.1 ? 'f'.repeat(24) : random.pick(sourceIds)}"`,
    `"values"${style.colon}${object({ ...options, isUsual: true }, style, values)}`,
  ];
  if (random.next() < 0.8) members.push(`"timestamp"${style.colon}${odd(USUAL_TIMES, ODD_TIMES)}`);
  if (random.next() < 0.3) members.push(`"metadata"${style.colon}${odd(USUAL_METADATA, ODD_METADATA)}`);
  if (isOdd && random.next() < 0.2) members.push(`"extra"${style.colon}1`);
  return object(options, style, members);
}

function object({ random, isUsual }: BodyOptions, style: Style, members: readonly string[]): string {
  const order = [...members];
  if (!isUsual && random.next() < 0.05) order.push(random.pick(members));
  if (random.next() < 0.3) order.reverse();
  return `{${style.pad}${order.join(style.comma)}${style.pad}}`;
}
