/** The tour: requests from the first bucket to its analytics, each made of what those before have answered. */
import { countText } from '../../base/format.js';
import type { Reading } from './sensor-day.js';

/** What the steps before have made. */
export interface Made {
  readonly bucketId: string;
  readonly dataSourceId: string;
  readonly writeKey: string;
  readonly readKey: string;
}

export interface Step {
  readonly route: string;
  readonly text: string;
  readonly key: 'admin' | 'write' | 'read';
  readonly body?: (made: Made) => object;
  /** What of the answer is worth a word. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of all kinds
  readonly note: (answer: any) => string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of all kinds
  readonly make?: (answer: any) => Partial<Made>;
  readonly isCharted?: boolean;
}

/** @param readings of a day */
export function tourSteps(bucketName: string, readings: readonly Reading[]): readonly Step[] {
  const first = readings[0].time;
  const last = readings[readings.length - 1];
  const half = readings.length / 2;
  const earlier = readings.slice(0, half);
  const later = readings.slice(half, -1);
  return [
    {
      route: 'POST /api/buckets',
      text: 'A bucket holds everything of one purpose',
      key: 'admin',
      body: () => ({ name: bucketName, description: 'Made by the tour of the playground' }),
      note: ({ bucket }) => bucket.name,
      make: ({ bucket }) => ({ bucketId: bucket._id }),
    },
    {
      route: 'POST /api/buckets/{bucketId}/keys',
      text: 'A Write key, for the sensor',
      key: 'admin',
      body: () => ({ name: 'Sensor of the tour', type: 'write' }),
      note: ({ apiKey }) => apiKey.keyPrefix,
      make: ({ apiKey }) => ({ writeKey: apiKey.key }),
    },
    {
      route: 'POST /api/buckets/{bucketId}/keys',
      text: 'A Read key, for whoever looks on',
      key: 'admin',
      body: () => ({ name: 'Viewer of the tour', type: 'read' }),
      note: ({ apiKey }) => apiKey.keyPrefix,
      make: ({ apiKey }) => ({ readKey: apiKey.key }),
    },
    {
      route: 'POST /api/buckets/{bucketId}/sources',
      text: 'A data source says which fields it sends',
      key: 'write',
      body: () => ({
        name: 'North bed',
        schema: {
          temperature: { type: 'number', unit: '°C' },
          humidity: { type: 'number', unit: '%' },
        },
      }),
      note: ({ dataSource }) => Object.keys(dataSource.schema).join(', '),
      make: ({ dataSource }) => ({ dataSourceId: dataSource._id }),
    },
    {
      route: 'POST /api/data/batch',
      text: 'Half a day, as points',
      key: 'write',
      body: ({ bucketId, dataSourceId }) => ({
        bucketId,
        dataPoints: earlier.map(reading => ({ dataSourceId, ...pointOf(reading) })),
      }),
      note: ({ inserted }) => `${countText(inserted)} points`,
    },
    {
      route: 'POST /api/data/batch',
      text: 'The rest of the day, as columns',
      key: 'write',
      body: ({ bucketId, dataSourceId }) => ({
        bucketId,
        columns: {
          dataSourceId,
          timestamps: later.map(({ time }) => time),
          values: {
            temperature: later.map(({ temperature }) => temperature),
            humidity: later.map(({ humidity }) => humidity),
          },
        },
      }),
      note: ({ inserted }) => `${countText(inserted)} points`,
    },
    {
      route: 'POST /api/data',
      text: 'The latest reading, by itself',
      key: 'write',
      body: ({ bucketId, dataSourceId }) => ({ bucketId, dataSourceId, ...pointOf(last) }),
      note: ({ dataPoint }) => `${dataPoint.values.temperature} °C, ${dataPoint.values.humidity} %`,
    },
    {
      route: 'POST /api/data/query',
      text: 'The day in quarters of an hour',
      key: 'read',
      body: ({ bucketId, dataSourceId }) => ({
        bucketId,
        filters: { dataSourceId, startTime: first, endTime: last.time + 1 },
        aggregation: ['min', 'avg', 'max'],
        groupBy: '15m',
        format: 'columns',
      }),
      note: ({ metadata }) => `${metadata.count} rows`,
      isCharted: true,
    },
    {
      route: 'POST /api/alerts/test',
      text: 'How often a rule would have fired',
      key: 'read',
      body: ({ bucketId, dataSourceId }) => ({
        bucketId,
        dataSourceId,
        condition: 'temperature is greater than 22 for 10 minutes',
        startTime: first,
      }),
      note: ({ firings }) => (firings.length === 1 ? 'once' : `${firings.length} times`),
    },
    {
      route: 'POST /api/alerts',
      text: 'The rule, for points from now on',
      key: 'write',
      body: ({ bucketId, dataSourceId }) => ({
        bucketId,
        dataSourceId,
        name: 'Too warm',
        condition: 'temperature is greater than 22 for 10 minutes',
      }),
      note: ({ alertRule: { condition } }) => condition,
    },
    {
      route: 'GET /api/analytics/buckets/{bucketId}',
      text: 'What came into the bucket',
      key: 'read',
      note: ({ analytics }) => `${countText(analytics.summary.totalDataPoints)} points`,
    },
    {
      route: 'GET /api/analytics/overview',
      text: 'What the organization has',
      key: 'admin',
      note: ({ overview }) => `${overview.totals.buckets} buckets, ${overview.usage.storageUsedFormatted}`,
    },
  ];
}

function pointOf({ time, temperature, humidity }: Reading): object {
  return { timestamp: new Date(time).toISOString(), values: { temperature, humidity } };
}
