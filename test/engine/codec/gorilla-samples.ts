import { Random } from '../../support/random.js';
import type { Sample } from './samples.js';

/** Columns that the two codecs after Gorilla are for; the same each time. */
export function gorillaSamples(): Sample[] {
  const random = new Random(2);
  const start = 1_700_000_000_000;
  const fill = (rows: number, value: (row: number) => number) =>
    Float64Array.from({ length: rows }, (_, i) => value(i));
  const walk = (rows: number, from: number, step: (row: number) => number) => {
    let value = from;
    return fill(rows, row => {
      value += step(row);
      return value;
    });
  };
  const number = (name: string, values: Float64Array): Sample => ({
    name,
    codec: 'xor',
    type: 'number',
    values,
  });
  const times = (name: string, values: Float64Array): Sample => ({ name, codec: 'deltaOfDelta', values });
  const unit = 2 ** -51;
  const lowBits = fill(300, () => Math.PI + random.integer(512) * unit);
  return [
    number('xor-low-bits', lowBits),
    number('xor-two', Float64Array.of(Math.PI, Math.PI + unit)),
    number(
      'xor-windows',
      walk(100, Math.E, () => (random.integer(3) === 0 ? 0 : random.integer(2 ** random.integer(11)) * unit)),
    ),
    number(
      'xor-signs',
      fill(12, row => (row % 4 === 3 ? -1 / 3 : 1 / 3)),
    ),
    number(
      'xor-sparse',
      fill(300, row => (row % 5 === 0 ? Number.NaN : lowBits[row])),
    ),
    times(
      'times-late-once',
      walk(20, start, row => 10_000 + (row === 9 ? 3 : row === 10 ? -3 : 0)),
    ),
    times('times-three', Float64Array.of(start, start + 977, start + 1_981)),
    times(
      'times-in-units',
      walk(12, start, row => 300_000 * (row === 5 ? 2 : row === 8 ? 40 : 1)),
    ),
    times(
      'times-buckets',
      walk(40, start, row => 5_000 + ([0, 0, 0, 1, 0, 0, 9, 0, 0, 0, 90][row % 11] ?? 0)),
    ),
    times(
      'times-widest-few',
      fill(9, row => (row % 2 === 0 ? row : 2 ** 53 - row)),
    ),
    times(
      'times-back-and-forth',
      Float64Array.of(2 ** 53 - 1, 2 ** 53 - 2, 2 ** 53 - 3, 2 ** 53 - 4, 1, 2, 3, 4),
    ),
  ];
}
