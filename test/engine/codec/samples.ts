import type { FieldType } from '../../../engine/batch.js';
import {
  decodeColumnBlock,
  decodeTimestampBlock,
  encodeColumnBlock,
  encodeTimestampBlock,
} from '../../../engine/codec/block.js';
import { Random } from '../../support/random.js';

/** A column to pack, of the kind that its codec is for. Times have no type. */
export interface Sample {
  readonly name: string;
  readonly codec: string;
  readonly type?: FieldType;
  readonly values: Float64Array;
  readonly dictionary?: string[];
}

export function encodeSample(sample: Sample): Uint8Array {
  const { type, values, dictionary } = sample;
  return type === undefined ? encodeTimestampBlock(values) : encodeColumnBlock({ type, values, dictionary });
}

export function decodeSample(
  block: Uint8Array,
  rowCount: number,
  type: FieldType | undefined,
): { values: Float64Array; dictionary?: string[] } {
  return type === undefined
    ? { values: decodeTimestampBlock(block, rowCount) }
    : decodeColumnBlock(block, rowCount, type);
}

/** Every codec, every form of presence, every way of residuals; the same columns each time. */
export function samples(): Sample[] {
  const random = new Random(1);
  const noise = () => random.next() + random.next() + random.next() - 1.5;
  const fill = (rows: number, value: (row: number) => number) =>
    Float64Array.from({ length: rows }, (_, i) => value(i));
  const walk = (rows: number, step: () => number) => {
    let value = 0;
    return fill(rows, () => {
      value += step();
      return value;
    });
  };
  const number = (name: string, codec: string, values: Float64Array): Sample => ({
    name,
    codec,
    type: 'number',
    values,
  });
  const start = 1_700_000_000_000;
  const decimals = walk(1_024, () => Math.round(noise() * 100)).map(digits => digits / 100);
  return [
    { name: 'times-step', codec: 'integers', values: fill(1_024, row => start + row * 10_000) },
    {
      name: 'times-gaps',
      codec: 'integers',
      values: fill(500, row => start + row * 1_000 + (row > 300 ? 86_400_000 : 0)),
    },
    {
      name: 'times-jitter',
      codec: 'integers',
      values: fill(700, row => start + row * 1_000 + random.integer(30)),
    },
    { name: 'times-one', codec: 'integers', values: fill(1, () => start) },
    {
      name: 'times-widest',
      codec: 'integers',
      values: fill(60, row => (row % 2 === 0 ? row : 2 ** 53 - row)),
    },
    { name: 'times-any-order', codec: 'integers', values: fill(40, () => random.integer(2 ** 31) * 2 ** 18) },
    { name: 'offsets-squares', codec: 'integers', values: fill(300, row => row * row * 3) },
    number(
      'absent',
      'absent',
      fill(5, () => Number.NaN),
    ),
    number(
      'constant',
      'constant',
      fill(64, () => -0),
    ),
    number('raw', 'raw', Float64Array.of(1e300, -1e-300)),
    number('decimal-walk', 'decimal', decimals),
    number(
      'decimal-uniform',
      'decimal',
      fill(200, () => random.integer(4_096) / 10),
    ),
    number(
      'decimal-outliers',
      'decimal',
      fill(40, row => (row % 19 === 0 ? 1e9 + row : random.integer(200) + 0.25)),
    ),
    number(
      'decimal-corrected',
      'decimal',
      fill(300, () => random.integer(50_000) * 0.001),
    ),
    number(
      'decimal-odd',
      'decimal',
      fill(300, row => [Infinity, -Infinity, -0, 5e-324][row % 70] ?? row / 8),
    ),
    number(
      'dictionary',
      'dictionary',
      fill(512, () => [0.1, 1 / 3, 7e20, -2.5e-7, 12][random.integer(5)]),
    ),
    number(
      'runs',
      'runs',
      fill(512, row => Math.sin(Math.floor(row / 37))),
    ),
    number(
      'runs-dictionary',
      'runs',
      fill(1_024, row => 1 / (3 + ((Math.floor(row / 4) * 7) % 5))),
    ),
    number(
      'split',
      'split',
      fill(256, row => Math.sin(row / 10) + noise() / 1_000),
    ),
    number(
      'sparse',
      'decimal',
      fill(256, row => (random.integer(3) === 0 ? Number.NaN : row / 10)),
    ),
    number(
      'present-at-first',
      'decimal',
      fill(256, row => (row < 100 ? row * 1.5 : Number.NaN)),
    ),
    {
      name: 'boolean-bitmap',
      codec: 'booleans',
      type: 'boolean',
      values: fill(100, () => random.integer(2)),
    },
    {
      name: 'boolean-runs',
      codec: 'booleans',
      type: 'boolean',
      values: fill(900, row => (row > 500 ? 1 : 0)),
    },
    {
      name: 'strings',
      codec: 'strings',
      type: 'string',
      values: fill(50, row => (row % 9 === 4 ? Number.NaN : random.integer(3))),
      dictionary: ['up', 'down', 'größer als 🙂', 'unused'],
    },
    {
      name: 'strings-lz4',
      codec: 'strings',
      type: 'string',
      values: fill(200, row => row),
      dictionary: Array.from({ length: 200 }, (_, index) => `{"host":"host-${index}","region":"eu-central"}`),
    },
  ];
}
