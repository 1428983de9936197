/** A sensor that is none: something to look at before the first real one is there. */
import { signal } from '@preact/signals';
import type { Api } from '../base/api.js';
import type { DataSource } from '../base/types.js';

const STEP_MS = 10_000;
const PAST_MS = 24 * 3_600_000;
const BATCH_ROWS = 1_080;
const DAY_MS = 86_400_000;

export interface Simulation {
  readonly bucketId: string;
  readonly name: string;
  /** Of the past that is sent first, 0 to 1. */
  readonly progress: number;
}

/** Undefined while none runs. */
export const simulation = signal<Simulation | undefined>(undefined);

let timer: ReturnType<typeof setInterval> | undefined;

const SCHEMA = {
  temperature: { type: 'number', unit: '°C' },
  humidity: { type: 'number', unit: '%' },
  pressure: { type: 'number', unit: 'hPa' },
};

/** Resolves when the past is there; a point a second follows until it is stopped. @throws (rejects) ApiFailure */
export async function simulate(api: Api, bucketId: string): Promise<DataSource> {
  const name = 'Simulated sensor';
  simulation.value = { bucketId, name, progress: 0 };
  try {
    const { dataSource } = await api.post<{ dataSource: DataSource }>(`/api/buckets/${bucketId}/sources`, {
      name,
      description: 'Made up by the dashboards page. Delete it when you have seen enough.',
      schema: SCHEMA,
    });
    await sendPast(api, bucketId, dataSource._id);
    goOn(api, bucketId, dataSource._id);
    return dataSource;
  } catch (error) {
    stopSimulation();
    throw error;
  }
}

export function stopSimulation(): void {
  clearInterval(timer);
  simulation.value = undefined;
}

async function sendPast(api: Api, bucketId: string, dataSourceId: string): Promise<void> {
  const count = PAST_MS / STEP_MS;
  const first = Date.now() - PAST_MS;
  for (let sent = 0; sent < count && simulation.peek() !== undefined; sent += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, count - sent);
    const timestamps = Array.from({ length: rows }, (_, row) => first + (sent + row) * STEP_MS);
    const readings = timestamps.map(readingsAt);
    const values = Object.fromEntries(
      Object.keys(SCHEMA).map(name => [name, readings.map(reading => reading[name as keyof typeof SCHEMA])]),
    );
    await api.post('/api/data/batch', { bucketId, columns: { dataSourceId, timestamps, values } });
    const running = simulation.peek();
    if (running !== undefined) simulation.value = { ...running, progress: (sent + rows) / count };
  }
}

function goOn(api: Api, bucketId: string, dataSourceId: string): void {
  if (simulation.peek() === undefined) return;
  clearInterval(timer);
  timer = setInterval(() => {
    // One that fails is one that is missing, as with real sensors.
    api.post('/api/data', { bucketId, dataSourceId, values: readingsAt(Date.now()) }).catch(() => undefined);
  }, 1_000);
}

/** A day's course, weather that moves through it, and noise. */
export function readingsAt(time: number): Record<keyof typeof SCHEMA, number> {
  const day = (2 * Math.PI * (time % DAY_MS)) / DAY_MS;
  const slow = Math.sin((2 * Math.PI * time) / (3.7 * DAY_MS));
  const wave = Math.sin((2 * Math.PI * time) / 5_400_000);
  const noise = Math.sin(time / 7_919) * 0.6 + Math.random() * 0.8 - 0.4;
  const temperature = 19 - 5 * Math.cos(day - 0.7) + slow + 0.4 * wave + 0.2 * noise;
  return {
    temperature: rounded(temperature, 2),
    humidity: rounded(Math.min(98, 64 - 2.6 * (temperature - 19) + 1.5 * wave + 0.6 * noise), 1),
    pressure: rounded(1_013 + 6 * slow + 0.5 * Math.cos(2 * day) + 0.05 * noise, 2),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
