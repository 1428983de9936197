/** A greenhouse as somebody may have it after a month: what the pictures of the pages show. */
import type { Client } from '../../bench/client.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const DAYS = 30;

export interface Greenhouse {
  readonly bucketId: string;
  readonly writeKey: string;
  readonly readKey: string;
  readonly dashboardId: string;
  /** By name. */
  readonly sources: ReadonlyMap<string, string>;
}

type Reading = (time: number, noise: (size: number) => number) => number | null;

interface Sensor {
  readonly name: string;
  readonly description: string;
  readonly schema: object;
  readonly stepMs: number;
  readonly fields: Readonly<Record<string, Reading>>;
}

/** −1 before dawn, 1 in the afternoon. */
const ofDay = (time: number) => Math.sin(((time % DAY_MS) / DAY_MS - 0.375) * 2 * Math.PI);
/** Weather: no two days are alike. */
const ofWeather = (time: number) => Math.sin(time / (3.7 * DAY_MS)) + Math.sin(time / (1.3 * DAY_MS)) / 2;
const round = (value: number, decimals: number) => Number(value.toFixed(decimals));

const bed = (name: string, description: string, warmth: number): Sensor => ({
  name,
  description,
  schema: {
    temperature: { type: 'number', unit: '°C', description: 'At 40 cm' },
    humidity: { type: 'number', unit: '%' },
    soil: { type: 'number', unit: '%', description: 'Moisture at 10 cm' },
  },
  stepMs: MINUTE_MS,
  fields: {
    temperature: (time, noise) =>
      round(21 + warmth + 6 * ofDay(time) + 2.5 * ofWeather(time) + noise(0.3), 1),
    humidity: (time, noise) => Math.round(62 - 14 * ofDay(time) - 5 * ofWeather(time) + noise(1.5)),
    // Dries for a day and a half, then it is watered.
    soil: (time, noise) => round(48 - 16 * ((time % (1.5 * DAY_MS)) / (1.5 * DAY_MS)) + noise(0.2), 1),
  },
});

const SENSORS: readonly Sensor[] = [
  bed('North bed', 'Tomatoes, by the door', 0),
  bed('South bed', 'Chillies, under the roof window', 2.5),
  {
    name: 'Pump',
    description: 'Rain water, from the cistern',
    schema: { flow: { type: 'number', unit: 'l/min' }, power: { type: 'number', unit: 'W' } },
    stepMs: MINUTE_MS,
    fields: {
      flow: (time, noise) => (time % (0.5 * DAY_MS) < 40 * MINUTE_MS ? round(11 + noise(0.4), 2) : 0),
      power: (time, noise) => (time % (0.5 * DAY_MS) < 40 * MINUTE_MS ? Math.round(240 + noise(6)) : 2),
    },
  },
  {
    name: 'Weather station',
    description: 'On the roof',
    schema: { pressure: { type: 'number', unit: 'hPa' }, wind: { type: 'number', unit: 'm/s' } },
    stepMs: 5 * MINUTE_MS,
    fields: {
      pressure: (time, noise) => round(1_013 - 9 * ofWeather(time) + noise(0.2), 1),
      wind: (time, noise) => round(Math.max(0, 3 + 2 * ofDay(time) + 2 * ofWeather(time) + noise(0.8)), 1),
    },
  },
];

/** @param now milliseconds: the last readings are of then */
export async function fillGreenhouse(client: Client, now: number): Promise<Greenhouse> {
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', {
    name: 'Greenhouse',
    description: 'Two beds, a pump and the weather',
  });
  const bucketId = bucket._id;
  const keyOf = async (type: string, name: string) =>
    (await client.json<{ apiKey: { key: string } }>('POST', `/api/buckets/${bucketId}/keys`, { name, type }))
      .apiKey.key;
  const writeKey = await keyOf('write', 'Gateway');
  const readKey = await keyOf('read', 'Wall display');
  const sources = new Map<string, string>();
  for (const sensor of SENSORS) sources.set(sensor.name, await fillSensor(client, bucketId, sensor, now));
  await addRules(client, bucketId, sources);
  const dashboardId = await saveDashboard(client, bucketId, sources);
  return { bucketId, writeKey, readKey, dashboardId, sources };
}

async function fillSensor(client: Client, bucketId: string, sensor: Sensor, now: number): Promise<string> {
  const { name, description, schema, stepMs, fields } = sensor;
  const { dataSource } = await client.json<{ dataSource: { _id: string } }>(
    'POST',
    `/api/buckets/${bucketId}/sources`,
    { name, description, schema },
  );
  const last = now - (now % stepMs);
  const timestamps = Array.from(
    { length: (DAYS * DAY_MS) / stepMs },
    (_, row, count = (DAYS * DAY_MS) / stepMs) => last - (count - 1 - row) * stepMs,
  );
  const noise = noiseFrom(name.length);
  const values = Object.fromEntries(
    Object.entries(fields).map(([field, reading]) => [field, timestamps.map(time => reading(time, noise))]),
  );
  const columns = { dataSourceId: dataSource._id, timestamps, values };
  await client.json('POST', '/api/data/batch', { bucketId, columns });
  return dataSource._id;
}

/** The same each time: pictures differ only where pages do. */
function noiseFrom(seed: number): (size: number) => number {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return size => (next() + next() - 1) * size;
}

/** They watch what comes from then on: one reading sets the second of them off. */
async function addRules(
  client: Client,
  bucketId: string,
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  const rules = [
    ['North bed', 'Too hot', 'temperature is greater than 30'],
    ['South bed', 'Dry soil', 'soil drops below 20%'],
    ['Pump', 'Silent', 'No data received for 30 minutes'],
  ] as const;
  for (const [source, name, condition] of rules) {
    const dataSourceId = sources.get(source);
    await client.json('POST', '/api/alerts', { bucketId, dataSourceId, name, condition });
  }
  await client.json('POST', '/api/data', {
    bucketId,
    dataSourceId: sources.get('South bed'),
    values: { soil: 19.4 },
  });
}

async function saveDashboard(
  client: Client,
  bucketId: string,
  sources: ReadonlyMap<string, string>,
): Promise<string> {
  const series = (field: string, ...names: string[]) =>
    names.map(name => ({ dataSourceId: sources.get(name), field }));
  const beds = ['North bed', 'South bed'];
  const tile = { kind: 'stat', width: 'half', height: 'small' };
  const chart = { kind: 'chart', drawing: 'band', height: 'normal' };
  const panels = [
    { ...tile, title: 'North bed', statistic: 'last', series: series('temperature', 'North bed') },
    { ...tile, title: 'Pump', statistic: 'max', series: series('power', 'Pump') },
    { ...chart, title: 'Temperature', width: 'full', series: series('temperature', ...beds) },
    { ...chart, title: 'Humidity', width: 'half', series: series('humidity', ...beds) },
    { ...chart, title: 'Soil', width: 'half', series: series('soil', ...beds) },
    { ...chart, title: 'Flow', width: 'half', drawing: 'm4', series: series('flow', 'Pump') },
    { ...chart, title: 'Pressure', width: 'half', series: series('pressure', 'Weather station') },
    {
      kind: 'table',
      title: 'Readings',
      width: 'full',
      height: 'normal',
      series: series('temperature', ...beds),
    },
  ].map((panel, index) => ({ id: `panel-${index}`, ...panel }));
  const { dashboard } = await client.json<{ dashboard: { _id: string } }>('POST', '/api/dashboards', {
    bucketId,
    name: 'Beds',
    range: { from: 'now-7d', to: 'now' },
    panels,
  });
  return dashboard._id;
}
