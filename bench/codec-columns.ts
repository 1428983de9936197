/** Columns of every kind that blocks are made of; the same each time. */
import { cpuSeries, normals, sensorSeries } from './workload.js';

export interface CodecColumn {
  readonly name: string;
  /** Whole numbers, packed as timestamps are. */
  readonly isTimes: boolean;
  readonly values: Float64Array;
}

const START_MS = Date.UTC(2024, 0, 1);
const SEED = 12;

export function codecColumns(rowCount: number): CodecColumn[] {
  const normal = normals(SEED);
  const times = (name: string, value: (row: number) => number) => ({
    name,
    isTimes: true,
    values: Float64Array.from({ length: rowCount }, (_, row) => value(row)),
  });
  const numbers = (name: string, value: (row: number) => number) => ({
    ...times(name, value),
    isTimes: false,
  });
  /** As good as any of 0 … count − 1. */
  const any = (count: number) => Math.floor(Math.abs(normal()) * 1e6) % count;
  const sensor = sensorSeries(rowCount);
  let walked = 1;
  return [
    times('times, 10 s', row => START_MS + row * 10_000),
    times('times, jitter', row => START_MS + row * 1_000 + Math.round(normal() * 20)),
    ...(['int', 'dec'] as const).map(kind => {
      const [{ fields }] = cpuSeries(kind, 1, rowCount);
      return { name: `cpu ${kind}`, isTimes: false, values: [...fields.values()][0] };
    }),
    ...Array.from(sensor.fields, ([name, values]) => ({ name, isTimes: false, values })),
    // All of a width alike: nothing to gain by an entropy coder.
    numbers('uniform decimals', () => any(4_096) / 10),
    numbers('uniform, gaps', row => (row % 10 === 3 ? Number.NaN : any(4_096) / 10)),
    numbers('few distinct', () => [0.1, 1 / 3, 7e20, -2.5e-7, 12][any(5)]),
    numbers('runs', row => Math.sin(Math.floor(row / 37))),
    numbers('smooth doubles', row => Math.sin(row / 10) + normal() / 1_000),
    numbers('walk of doubles', () => {
      walked += normal() * 2 ** -10;
      return walked;
    }),
    // They differ in nine low bits: what XOR is for.
    numbers('low bits', () => Math.PI + any(512) * 2 ** -51),
  ];
}
