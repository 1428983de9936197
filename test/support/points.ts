/** Random points with everything that is hard about real ones: late, doubled, gappy, of all types and sizes. */
import type { Batch, Column, FieldType, SourceBatch } from '../../engine/batch.js';
import type { Random } from './random.js';

const FIELD_TYPES: Record<string, FieldType> = {
  temperature: 'number',
  noise: 'number',
  state: 'string',
  door: 'boolean',
  größe: 'number',
};

const HARD_NUMBERS = [
  0,
  -0,
  5e-324,
  -1.5e308,
  Infinity,
  -Infinity,
  2 ** 53 - 1,
  2 ** 53,
  0.1,
  51.846000000000004,
];
const TEXTS = ['', 'on', 'off', 'défaut', '🌡', 'a'.repeat(300)];
const METADATA = ['{}', '{"site":"a"}', '{"site":"b","n":{"deep":[1,2]}}'];

export interface PointsOptions {
  readonly sources: readonly number[];
  readonly rowsMax: number;
  /** Timestamps lie in [0, timeMax). */
  readonly timeMax: number;
}

export function randomBatch(random: Random, { sources, rowsMax, timeMax }: PointsOptions): Batch {
  const chosen = sources.filter(() => random.next() < 0.6);
  if (chosen.length === 0) chosen.push(random.pick(sources));
  return {
    sources: chosen.map(source => randomSource(random, source, 1 + random.integer(rowsMax), timeMax)),
  };
}

function randomSource(random: Random, source: number, rowCount: number, timeMax: number): SourceBatch {
  const start = random.integer(timeMax);
  const step = random.integer(Math.max(1, Math.floor(timeMax / 50)));
  const isOrdered = random.next() < 0.7;
  const timestamps = Float64Array.from({ length: rowCount }, (_, row) =>
    isOrdered ? Math.min(timeMax - 1, start + row * step) : random.integer(timeMax),
  );
  const names = Object.keys(FIELD_TYPES).filter(() => random.next() < 0.6);
  if (names.length === 0) names.push('temperature');
  const fields = names.map((name, index) => randomColumn(random, name, rowCount, index === 0));
  if (random.next() < 0.6) return { source, timestamps, fields };
  const values = Float64Array.from({ length: rowCount }, () =>
    random.next() < 0.3 ? Number.NaN : random.integer(METADATA.length),
  );
  return { source, timestamps, fields, metadata: { values, dictionary: METADATA } };
}

function randomColumn(random: Random, name: string, rowCount: number, isFull: boolean): Column {
  const type = FIELD_TYPES[name];
  const values = Float64Array.from({ length: rowCount }, () =>
    !isFull && random.next() < 0.3 ? Number.NaN : randomValue(random, type),
  );
  return type === 'string' ? { name, type, values, dictionary: TEXTS } : { name, type, values };
}

function randomValue(random: Random, type: FieldType): number {
  if (type === 'boolean') return random.integer(2);
  if (type === 'string') return random.integer(TEXTS.length);
  return random.next() < 0.1 ? random.pick(HARD_NUMBERS) : Math.round((random.next() - 0.5) * 10_000) / 100;
}
