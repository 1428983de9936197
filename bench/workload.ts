/**
 * The canonical work: the same columns on every machine and in every run.
 * `cpu` has the shape of TSBS "devops cpu-only"; `sensor` is one thing that is read each second.
 */

export interface Series {
  readonly source: string;
  /** Milliseconds, ascending. */
  readonly timestamps: Float64Array;
  readonly fields: ReadonlyMap<string, Float64Array>;
}

export const CPU_FIELDS = [
  'usage_user',
  'usage_system',
  'usage_idle',
  'usage_nice',
  'usage_iowait',
  'usage_irq',
  'usage_softirq',
  'usage_steal',
  'usage_guest',
  'usage_guest_nice',
] as const;

const START_MS = Date.UTC(2024, 0, 1);
const CPU_STEP_MS = 10_000;
const SENSOR_STEP_MS = 1_000;

/** Values of a clamped random walk in [0, 100] with N(0, 1) steps, truncated or rounded to two decimals. */
export function cpuSeries(kind: 'int' | 'dec', sourceCount: number, rowCount: number): Series[] {
  const normal = normals(20_240_101);
  return Array.from({ length: sourceCount }, (_, source) => ({
    source: `host_${source}`,
    timestamps: clock(rowCount, CPU_STEP_MS),
    fields: new Map(CPU_FIELDS.map(name => [name, walk(normal, rowCount, kind)])),
  }));
}

/** Temperature with one decimal, humidity in whole percent, pressure with two decimals; one reading a second. */
export function sensorSeries(rowCount: number): Series {
  const normal = normals(7);
  const temperature = new Float64Array(rowCount);
  const humidity = new Float64Array(rowCount);
  const pressure = new Float64Array(rowCount);
  let drift = 1_013;
  for (let row = 0; row < rowCount; row++) {
    const day = (row / 86_400) * 2 * Math.PI;
    drift = Math.min(1_040, Math.max(985, drift + normal() * 0.01));
    temperature[row] = Math.round((20 + 5 * Math.sin(day) + normal() * 0.1) * 10) / 10;
    humidity[row] = Math.round(55 - 10 * Math.sin(day) + normal() * 0.3);
    pressure[row] = Math.round((drift + normal() * 0.02) * 100) / 100;
  }
  return {
    source: 'sensor',
    timestamps: clock(rowCount, SENSOR_STEP_MS),
    fields: new Map([
      ['temperature', temperature],
      ['humidity', humidity],
      ['pressure', pressure],
    ]),
  };
}

function clock(rowCount: number, stepMs: number): Float64Array {
  return Float64Array.from({ length: rowCount }, (_, row) => START_MS + row * stepMs);
}

function walk(normal: () => number, rowCount: number, kind: 'int' | 'dec'): Float64Array {
  const values = new Float64Array(rowCount);
  let level = 50;
  for (let row = 0; row < rowCount; row++) {
    level = Math.min(100, Math.max(0, level + normal()));
    values[row] = kind === 'int' ? Math.trunc(level) : Math.round(level * 100) / 100;
  }
  return values;
}

/** Standard normal numbers, repeatable. Uniform ones: mulberry32; transformed after Box and Muller (1958). */
export function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
