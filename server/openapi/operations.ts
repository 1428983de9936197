/** Every operation, in the order in which a newcomer needs them. A test misses whichever route is not here. */

import { ANALYTICS_SOURCES_MAX, LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX } from '../limits.js';
import { periodSchema } from '../schemas/analytics.js';
import Type from '../schemas/typebox.js';
import * as answers from './answers.js';
import { mapOf, message, objectOf } from './answers.js';
import type { Operation, Parameter } from './operation.js';

export const PAGE: readonly Parameter[] = [
  {
    name: 'limit',
    in: 'query',
    schema: Type.Integer({ minimum: 1, maximum: LIST_LIMIT_MAX, default: LIST_LIMIT_DEFAULT }),
    description: 'Items of one answer',
  },
  {
    name: 'offset',
    in: 'query',
    schema: Type.Integer({ minimum: 0, default: 0 }),
    description: 'Items passed over',
  },
];

const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  schema: Type.String({ minLength: 1, maxLength: 128 }),
  description: 'A repeat within 24 hours answers as the first did, and stores nothing',
};

const buckets: readonly Operation[] = [
  {
    route: 'POST /api/buckets',
    tag: 'Buckets',
    summary: 'Creates a bucket',
    examples: {
      plain: { name: 'Greenhouse' },
      'with retention': { name: 'Greenhouse', description: 'North and south beds', retentionDays: 365 },
    },
    status: 201,
    answer: objectOf({ message, bucket: answers.bucket }),
  },
  {
    route: 'GET /api/buckets',
    tag: 'Buckets',
    summary: 'Lists buckets, oldest first',
    parameters: PAGE,
    status: 200,
    answer: objectOf({ buckets: Type.Array(answers.listedBucket), pagination: answers.pagination }),
  },
  {
    route: 'GET /api/buckets/:bucketId',
    tag: 'Buckets',
    summary: 'Shows a bucket and what is in it',
    status: 200,
    answer: objectOf({ bucket: answers.bucketWithStats }),
  },
  {
    route: 'PATCH /api/buckets/:bucketId',
    tag: 'Buckets',
    summary: 'Changes a bucket; an archived one can be read and not written',
    examples: { plain: { name: 'Greenhouse 2', retentionDays: null } },
    status: 200,
    answer: objectOf({ message, bucket: answers.bucket }),
  },
  {
    route: 'DELETE /api/buckets/:bucketId',
    tag: 'Buckets',
    summary: 'Deletes a bucket with all that is in it',
    status: 200,
    answer: objectOf({
      message,
      deletedBucket: answers.deleted,
      deletedResources: objectOf({
        dataSources: answers.count,
        dataPoints: answers.count,
        apiKeys: answers.count,
        alertRules: answers.count,
      }),
    }),
  },
];

const keys: readonly Operation[] = [
  {
    route: 'GET /api/key',
    tag: 'API keys',
    summary: 'Shows the key that asks, and its bucket',
    status: 200,
    answer: objectOf({ apiKey: answers.callingKey, bucket: answers.keyBucket }),
  },
  {
    route: 'POST /api/buckets/:bucketId/keys',
    tag: 'API keys',
    summary: 'Creates a key; it is shown in this answer only',
    examples: { write: { name: 'Sensors', type: 'write' }, read: { name: 'Dashboard', type: 'read' } },
    status: 201,
    answer: objectOf({ message, apiKey: answers.createdKey }),
  },
  {
    route: 'GET /api/buckets/:bucketId/keys',
    tag: 'API keys',
    summary: 'Lists the keys of a bucket, oldest first',
    parameters: PAGE,
    status: 200,
    answer: objectOf({ apiKeys: Type.Array(answers.apiKey) }),
  },
  {
    route: 'DELETE /api/buckets/:bucketId/keys/:keyId',
    tag: 'API keys',
    summary: 'Deletes a key, which fails from then on',
    status: 200,
    answer: objectOf({ message, deletedKey: answers.deletedKey }),
  },
];

const alerts: readonly Operation[] = [
  {
    route: 'POST /api/alerts',
    tag: 'Alert rules',
    summary: 'Creates an alert rule from a sentence',
    description:
      'A rule looks at the points that are stored from then on. `webhookSecret` is in this answer only, where there is a `webhookUrl`.',
    examples: {
      plain: {
        bucketId: '{bucketId}',
        dataSourceId: '{dataSourceId}',
        name: 'Too hot',
        condition: 'temperature is greater than 30',
      },
      lasting: {
        bucketId: '{bucketId}',
        dataSourceId: '{dataSourceId}',
        name: 'Dry',
        condition: 'Humidity drops below 40% for 10 minutes',
        cooldownMinutes: 30,
      },
      silence: {
        bucketId: '{bucketId}',
        dataSourceId: '{dataSourceId}',
        name: 'Silent',
        condition: 'No data received for 30 minutes',
      },
    },
    status: 201,
    answer: objectOf({ message, alertRule: answers.createdAlertRule }),
  },
  {
    route: 'POST /api/alerts/test',
    tag: 'Alert rules',
    summary: 'Says when a condition would have fired over a past range',
    description:
      'The times of points are the clock of the cooldown here. The whole of what is stored where no range is given.',
    examples: {
      plain: {
        bucketId: '{bucketId}',
        dataSourceId: '{dataSourceId}',
        condition: 'temperature is greater than 30 for 5 minutes',
        startTime: 'now-7d',
      },
    },
    status: 200,
    answer: answers.alertTest,
  },
  {
    route: 'GET /api/buckets/:bucketId/alerts',
    tag: 'Alert rules',
    summary: 'Lists the alert rules of a bucket, oldest first',
    parameters: PAGE,
    status: 200,
    answer: objectOf({ alertRules: Type.Array(answers.listedAlertRule) }),
  },
  {
    route: 'GET /api/buckets/:bucketId/alerts/:alertId',
    tag: 'Alert rules',
    summary: 'Shows an alert rule and what it is doing',
    status: 200,
    answer: objectOf({ alertRule: answers.alertRule }),
  },
  {
    route: 'GET /api/buckets/:bucketId/alerts/:alertId/history',
    tag: 'Alert rules',
    summary: 'Lists when a rule fired and was resolved: the last hundred of it, oldest first',
    parameters: PAGE,
    status: 200,
    answer: objectOf({ history: Type.Array(answers.alertTransition), pagination: answers.pagination }),
  },
  {
    route: 'PATCH /api/buckets/:bucketId/alerts/:alertId',
    tag: 'Alert rules',
    summary: 'Changes an alert rule; a paused one, or another condition, begins anew',
    description:
      'A first `webhookUrl` gives the rule a `webhookSecret`, which is in this answer only; null takes it away.',
    examples: {
      name: { name: 'Much too hot', cooldownMinutes: 10 },
      condition: { condition: 'temperature is at least 35' },
      pause: { status: 'paused' },
    },
    status: 200,
    answer: objectOf({ message, alertRule: answers.updatedAlertRule }),
  },
  {
    route: 'DELETE /api/buckets/:bucketId/alerts/:alertId',
    tag: 'Alert rules',
    summary: 'Deletes an alert rule with its history',
    status: 200,
    answer: objectOf({ message, deletedAlertRule: answers.deleted }),
  },
];

const webhooks: readonly Operation[] = [
  {
    route: 'GET /api/buckets/:bucketId/alerts/:alertId/deliveries',
    tag: 'Alert rules',
    summary: 'Lists the webhooks of a rule that wait or were sent lately, with all attempts, oldest first',
    parameters: PAGE,
    status: 200,
    answer: objectOf({ deliveries: Type.Array(answers.delivery), pagination: answers.pagination }),
  },
  {
    route: 'POST /api/buckets/:bucketId/alerts/:alertId/deliveries/:deliveryId/replay',
    tag: 'Alert rules',
    summary: 'Sends a webhook again, whatever has become of it, with the same webhook-id',
    description:
      'It is tried for another 24 hours. A webhook whose receiver had answered 410 is enabled again.',
    status: 202,
    answer: objectOf({ message, delivery: answers.delivery }),
  },
  {
    route: 'POST /api/buckets/:bucketId/alerts/:alertId/webhook/rotate',
    tag: 'Alert rules',
    summary: 'Makes a new secret that signs the webhooks of a rule; it is shown in this answer only',
    description: 'The secret before it signs too for 24 hours: `webhook-signature` has two signatures then.',
    status: 200,
    answer: objectOf({
      message,
      webhookSecret: Type.String({ pattern: '^whsec_' }),
      previousSecretValidUntil: answers.time,
    }),
  },
];

const sources: readonly Operation[] = [
  {
    route: 'POST /api/buckets/:bucketId/sources',
    tag: 'Data sources',
    summary: 'Creates a data source',
    examples: {
      plain: { name: 'North bed', schema: { temperature: 'number', humidity: 'number' } },
      'with units': {
        name: 'North bed',
        type: 'sensor',
        schema: { temperature: { type: 'number', unit: '°C' }, door: { type: 'boolean' } },
      },
    },
    status: 201,
    answer: objectOf({ message, dataSource: answers.dataSource }),
  },
  {
    route: 'GET /api/buckets/:bucketId/sources',
    tag: 'Data sources',
    summary: 'Lists the data sources of a bucket, oldest first',
    parameters: [
      ...PAGE,
      {
        name: 'stats',
        in: 'query',
        schema: Type.Boolean({ default: false }),
        description: 'Whether each comes with how much it has sent',
      },
    ],
    status: 200,
    answer: objectOf({ dataSources: Type.Array(answers.listedDataSource) }),
  },
  {
    route: 'GET /api/buckets/:bucketId/sources/:dataSourceId',
    tag: 'Data sources',
    summary: 'Shows a data source and how much it has sent',
    status: 200,
    answer: objectOf({ dataSource: answers.dataSourceWithStats }),
  },
  {
    route: 'PATCH /api/buckets/:bucketId/sources/:dataSourceId',
    tag: 'Data sources',
    summary: 'Changes a data source; fields can be added, and keep their type',
    examples: { plain: { description: 'By the door', schema: { light: 'number' } } },
    status: 200,
    answer: objectOf({ message, dataSource: answers.dataSource }),
  },
  {
    route: 'DELETE /api/buckets/:bucketId/sources/:dataSourceId',
    tag: 'Data sources',
    summary: 'Deletes a data source with all its points',
    status: 200,
    answer: objectOf({ message, deletedDataSource: answers.deleted, deletedDataPoints: answers.count }),
  },
];

const ingestion: readonly Operation[] = [
  {
    route: 'POST /api/data',
    tag: 'Ingestion',
    summary: 'Stores a point',
    description:
      'Without a timestamp the server takes its own time. Fields that are not declared take the type of their first value.',
    parameters: [IDEMPOTENCY_KEY],
    examples: {
      plain: {
        bucketId: '{bucketId}',
        dataSourceId: '{dataSourceId}',
        values: { temperature: 21.5, humidity: 60 },
      },
      'with time and metadata': {
        bucketId: '{bucketId}',
        dataSourceId: '{dataSourceId}',
        timestamp: '2024-01-15T10:30:00.250Z',
        values: { temperature: 21.5 },
        metadata: { site: 'north' },
      },
    },
    status: 201,
    answer: objectOf({ message, dataPoint: answers.dataPoint }),
  },
  {
    route: 'POST /api/data/batch',
    tag: 'Ingestion',
    summary: 'Stores many points, all of them or none',
    description:
      'Points of any sources of the bucket, or columns of one source, which have no limit but that of the body. The body may be MessagePack, where columns of numbers may be binaries of little-endian float64, and gzip.',
    parameters: [IDEMPOTENCY_KEY],
    examples: {
      points: {
        bucketId: '{bucketId}',
        dataPoints: [
          {
            dataSourceId: '{dataSourceId}',
            timestamp: '2024-01-15T10:31:00Z',
            values: { temperature: 21.4 },
          },
          {
            dataSourceId: '{dataSourceId}',
            timestamp: '2024-01-15T10:32:00Z',
            values: { temperature: 21.6 },
          },
        ],
      },
      columns: {
        bucketId: '{bucketId}',
        columns: {
          dataSourceId: '{dataSourceId}',
          timestamps: [1705314780000, 1705314840000],
          values: { temperature: [21.7, 21.9], humidity: [61, null] },
        },
      },
    },
    status: 201,
    answer: objectOf({ message, inserted: answers.count, dataSources: answers.count }),
  },
];

const queries: readonly Operation[] = [
  {
    route: 'POST /api/data/query',
    tag: 'Queries',
    summary: 'Answers points: raw, grouped by time, or chosen for drawing',
    description:
      'Without aggregation, groupBy and downsample a source with more than 500 points in the range is averaged to at most 500 groups; aggregation "none" asks for the points as they are.',
    examples: {
      plain: {
        bucketId: '{bucketId}',
        filters: { dataSourceId: '{dataSourceId}', startTime: '2024-01-15T00:00:00Z' },
      },
      'by the hour': {
        bucketId: '{bucketId}',
        filters: {
          startTime: '2024-01-15T00:00:00Z',
          endTime: '2024-01-16T00:00:00Z',
          fields: ['temperature'],
        },
        aggregation: ['min', 'avg', 'max'],
        groupBy: 'hour',
        timezone: 'Europe/Berlin',
      },
      'where and how many': {
        bucketId: '{bucketId}',
        filters: {
          startTime: '2024-01-15T00:00:00Z',
          values: { temperature: { gt: 21.5 } },
          order: 'desc',
          limit: 10,
        },
        aggregation: 'none',
      },
      'for drawing': {
        bucketId: '{bucketId}',
        filters: { startTime: '2024-01-15T00:00:00Z' },
        downsample: { method: 'm4', points: 2000 },
        format: 'columns',
      },
    },
    status: 200,
    answer: answers.queryAnswer,
    packedAnswer: true,
  },
];

const live: readonly Operation[] = [
  {
    route: 'GET /api/data/stream',
    tag: 'Live stream',
    summary: 'Every point of a bucket from now on, as Server-Sent Events',
    description:
      'Each event is a point as a query answers it. A client that comes back with Last-Event-ID gets what it has missed; an event "gap" says that this is not kept any more, "dropped" that it reads too slowly.',
    parameters: [
      { name: 'bucketId', in: 'query', schema: answers.id, description: 'The bucket', required: true },
      {
        name: 'dataSourceId',
        in: 'query',
        schema: Type.String(),
        description: 'A data source, or several with commas between them; all where it is absent',
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        schema: Type.String({ pattern: '^\\d+-\\d+$' }),
        description: 'The last event that was seen',
      },
    ],
    status: 200,
    answer: Type.String(),
    answerType: 'text/event-stream',
  },
];

const PRECISION = 'Of timestamps without a unit';

const LINES = {
  'without a time':
    'weather,bed=north temperature=21.5,humidity=60\nweather,bed=south temperature=22.1,humidity=58\n',
  'with times':
    'weather,bed=north temperature=21.5 1705314600000000000\nweather,bed=north temperature=21.6 1705314660000000000\n',
};

const lines: readonly Operation[] = [
  {
    route: 'POST /api/v2/write',
    tag: 'Line protocol',
    summary: 'Stores lines, as clients of InfluxDB 2.x send them',
    description:
      'Each measurement with its tags is a data source, made when it is first seen. Lines that cannot be stored are named in the answer; the others are stored.',
    parameters: [
      {
        name: 'bucket',
        in: 'query',
        schema: Type.String(),
        description: 'Name or id',
        required: true,
        example: '{bucketId}',
      },
      { name: 'org', in: 'query', schema: Type.String(), description: 'Taken, and not looked at' },
      { name: 'precision', in: 'query', schema: Type.Enum(['ns', 'us', 'ms', 's']), description: PRECISION },
    ],
    bodyType: 'text/plain',
    examples: LINES,
    status: 204,
  },
  {
    route: 'POST /write',
    tag: 'Line protocol',
    summary: 'Stores lines, as clients of InfluxDB 1.x send them',
    parameters: [
      {
        name: 'db',
        in: 'query',
        schema: Type.String(),
        description: 'Name or id of the bucket',
        required: true,
        example: '{bucketId}',
      },
      {
        name: 'precision',
        in: 'query',
        schema: Type.Enum(['n', 'ns', 'u', 'us', 'ms', 's', 'm', 'h']),
        description: PRECISION,
      },
    ],
    bodyType: 'text/plain',
    examples: LINES,
    status: 204,
  },
  ...(['GET', 'POST'] as const).map(
    (method): Operation => ({
      route: `${method} /query`,
      tag: 'Line protocol',
      summary: 'SHOW DATABASES and CREATE DATABASE, which clients of InfluxDB 1.x send before they write',
      parameters: [
        {
          name: 'q',
          in: 'query',
          schema: Type.String(),
          ...(method === 'GET'
            ? { description: 'The statement', required: true, example: 'SHOW DATABASES' }
            : { description: 'The statement, where the body has none' }),
        },
      ],
      ...(method === 'POST' && {
        bodyType: 'application/x-www-form-urlencoded',
        examples: { plain: 'q=SHOW+DATABASES' },
      }),
      status: 200,
      answer: objectOf({ results: Type.Array(Type.Object({ statement_id: answers.count })) }),
    }),
  ),
  {
    route: 'GET /ping',
    tag: 'Line protocol',
    summary: 'Whether there is a server, for clients of InfluxDB',
    status: 204,
  },
];

const dashboards: readonly Operation[] = [
  {
    route: 'POST /api/dashboards',
    tag: 'Dashboards',
    summary: 'Creates a dashboard of a bucket',
    examples: {
      plain: { bucketId: '{bucketId}', name: 'Beds' },
      'with panels': {
        bucketId: '{bucketId}',
        name: 'Beds',
        range: { from: 'now-7d', to: 'now' },
        timezone: 'Europe/Berlin',
        live: true,
        panels: [
          {
            id: 'temperature',
            kind: 'chart',
            title: 'Temperature',
            width: 'full',
            height: 'normal',
            drawing: 'band',
            series: [{ dataSourceId: '{dataSourceId}', field: 'temperature' }],
          },
          {
            id: 'warmest',
            kind: 'stat',
            title: 'Warmest',
            width: 'half',
            height: 'small',
            statistic: 'max',
            series: [{ dataSourceId: '{dataSourceId}', field: 'temperature' }],
          },
        ],
      },
    },
    status: 201,
    answer: objectOf({ message, dashboard: answers.dashboard }),
  },
  {
    route: 'GET /api/dashboards',
    tag: 'Dashboards',
    summary: 'Lists the dashboards of a bucket, oldest first',
    parameters: [
      { name: 'bucketId', in: 'query', schema: answers.id, description: 'The bucket', required: true },
      ...PAGE,
    ],
    status: 200,
    answer: objectOf({ dashboards: Type.Array(answers.listedDashboard), pagination: answers.pagination }),
  },
  {
    route: 'GET /api/dashboards/:dashboardId',
    tag: 'Dashboards',
    summary: 'Shows a dashboard',
    status: 200,
    answer: objectOf({ dashboard: answers.dashboard }),
  },
  {
    route: 'PATCH /api/dashboards/:dashboardId',
    tag: 'Dashboards',
    summary: 'Changes a dashboard; where a revision is given, only if it is still that',
    examples: {
      plain: { name: 'All beds', revision: 1 },
      range: { range: { from: '2024-01-15T00:00:00Z', to: '2024-01-16T00:00:00Z' } },
    },
    status: 200,
    answer: objectOf({ message, dashboard: answers.dashboard }),
  },
  {
    route: 'DELETE /api/dashboards/:dashboardId',
    tag: 'Dashboards',
    summary: 'Deletes a dashboard, not what it shows',
    status: 200,
    answer: objectOf({ message, deletedDashboard: answers.deleted }),
  },
];

const analytics: readonly Operation[] = [
  {
    route: 'GET /api/analytics/overview',
    tag: 'Analytics',
    summary: 'What the organization has and uses, and what came in lately',
    description: 'Null stands for no limit, and for what never happened. Points count by their own time.',
    status: 200,
    answer: objectOf({ overview: answers.overview }),
  },
  {
    route: 'GET /api/analytics/buckets/:bucketId',
    tag: 'Analytics',
    summary: 'What came into a bucket in a period, by source and hour',
    description: `Hours without points are left out. The ${ANALYTICS_SOURCES_MAX} oldest data sources are listed.`,
    parameters: [{ name: 'period', in: 'query', schema: periodSchema, description: 'That ends now' }],
    status: 200,
    answer: objectOf({ analytics: answers.bucketAnalytics }),
  },
];

const operating: readonly Operation[] = [
  {
    route: 'GET /health',
    tag: 'Operations',
    summary: 'Whether the process lives',
    status: 200,
    answer: objectOf({ status: Type.Literal('ok') }),
  },
  {
    route: 'GET /ready',
    tag: 'Operations',
    summary: 'Whether everything is recovered and points are taken',
    status: 200,
    answer: objectOf({ status: Type.Literal('ready') }),
  },
  {
    route: 'GET /metrics',
    tag: 'Operations',
    summary: 'Figures in the text format of Prometheus',
    status: 200,
    answer: Type.String(),
    answerType: 'text/plain',
  },
  {
    route: 'GET /openapi.json',
    tag: 'Operations',
    summary: 'This document',
    status: 200,
    answer: mapOf(Type.Unknown()),
  },
];

export const OPERATIONS: readonly Operation[] = [
  ...buckets,
  ...keys,
  ...sources,
  ...ingestion,
  ...queries,
  ...alerts,
  ...webhooks,
  ...analytics,
  ...live,
  ...dashboards,
  ...lines,
  ...operating,
];
