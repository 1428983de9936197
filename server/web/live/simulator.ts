/** A sensor that is none: something to look at before the first real one is there. */
import { signal } from '@preact/signals';
import { type Api, ApiFailure } from '../base/api.js';
import type { DataSource } from '../base/types.js';

const STEP_MS = 10_000;
const PAST_MS = 24 * 3_600_000;
const BATCH_ROWS = 1_080;
const DAY_MS = 86_400_000;
const STEP_LIVE_MS = 1_000;

export interface Simulation {
  readonly bucketId: string;
  readonly name: string;
  /** Of the past that is sent first, 0 to 1. */
  readonly progress: number;
}

/** Undefined while none runs. */
export const simulation = signal<Simulation | undefined>(undefined);

/** Of the one that runs. */
let abort = new AbortController();

/** The key opens the bucket no more, or one of both is gone or archived: that does not pass. */
const ENDS = [401, 403, 404, 409];

const SCHEMA = {
  temperature: { type: 'number', unit: '°C' },
  humidity: { type: 'number', unit: '%' },
  pressure: { type: 'number', unit: 'hPa' },
};

/**
 * Resolves when the past is there; a point a second follows until it is stopped.
 * @param onEnd is told why it has stopped by itself
 * @throws (rejects) ApiFailure
 */
export async function simulate(
  api: Api,
  bucketId: string,
  onEnd: (reason: string) => void,
): Promise<DataSource> {
  const name = 'Simulated sensor';
  stopSimulation();
  abort = new AbortController();
  const { signal } = abort;
  simulation.value = { bucketId, name, progress: 0 };
  try {
    const { dataSource } = await api.post<{ dataSource: DataSource }>(`/api/buckets/${bucketId}/sources`, {
      name,
      description: 'Made up by the dashboards page. Delete it when you have seen enough.',
      schema: SCHEMA,
    });
    const ids = { bucketId, dataSourceId: dataSource._id };
    await sendPast(api, ids, signal);
    const send = () => api.post('/api/data', { ...ids, values: readingsAt(Date.now()) });
    goOn(send, signal, onEnd);
    return dataSource;
  } catch (error) {
    if (!signal.aborted) stopSimulation();
    throw error;
  }
}

export function stopSimulation(): void {
  abort.abort();
  simulation.value = undefined;
}

type Ids = Readonly<Record<'bucketId' | 'dataSourceId', string>>;

async function sendPast(api: Api, { bucketId, dataSourceId }: Ids, signal: AbortSignal): Promise<void> {
  const count = PAST_MS / STEP_MS;
  const first = Date.now() - PAST_MS;
  for (let sent = 0; sent < count && !signal.aborted; sent += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, count - sent);
    const timestamps = Array.from({ length: rows }, (_, row) => first + (sent + row) * STEP_MS);
    const readings = timestamps.map(readingsAt);
    const values = Object.fromEntries(
      Object.keys(SCHEMA).map(name => [name, readings.map(reading => reading[name as keyof typeof SCHEMA])]),
    );
    await api.post('/api/data/batch', { bucketId, columns: { dataSourceId, timestamps, values } });
    const running = simulation.peek();
    if (running !== undefined && !signal.aborted)
      simulation.value = { ...running, progress: (sent + rows) / count };
  }
}

function goOn(send: () => Promise<unknown>, signal: AbortSignal, onEnd: (reason: string) => void): void {
  if (signal.aborted) return;
  const timer = setInterval(async () => {
    try {
      await send();
    } catch (error) {
      // Another one that fails is one that is missing, as with real sensors.
      if (signal.aborted || !(error instanceof ApiFailure && ENDS.includes(error.status))) return;
      const name = simulation.peek()?.name;
      stopSimulation();
      onEnd(`${name} has stopped: ${error.message}`);
    }
  }, STEP_LIVE_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
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
