/** What answers look like. Members that are not named here are not sent: a test holds every answer to it. */
import Type, { type TSchema } from '../schemas/typebox.js';

const strict = { additionalProperties: false };

export function objectOf(properties: Record<string, TSchema>, options: object = {}) {
  return Type.Object(properties, { ...strict, ...options });
}

export const id = Type.String({ pattern: '^[0-9a-f]{24}$', examples: ['65a50928039192327990bf44'] });
export const time = Type.String({ format: 'date-time', examples: ['2024-01-15T10:30:00Z'] });
export const timeOrNull = nullable(time);
export const count = Type.Integer({ minimum: 0 });
export const name = Type.String();
export const textOrNull = nullable(Type.String());
export const message = Type.String();

export function nullable(schema: TSchema) {
  return Type.Union([schema, Type.Null()]);
}

export function mapOf(schema: TSchema) {
  return Type.Unsafe({ type: 'object', additionalProperties: schema });
}

const scalar = Type.Union([Type.Number(), Type.String(), Type.Boolean()]);
export const values = mapOf(scalar);
const metadata = Type.Unsafe({ type: 'object' });
const status = Type.Enum(['active', 'archived']);

export const error = objectOf({
  error: Type.String({ examples: ['Validation Error'] }),
  message: Type.String({ examples: ['Invalid request parameters'] }),
  details: Type.Optional(
    Type.Array(
      objectOf({
        path: Type.Array(Type.Union([Type.String(), Type.Integer()]), {
          description: 'Begins with body, params or query; positions in arrays are numbers',
        }),
        message: Type.String(),
      }),
    ),
  ),
});

export const problem = objectOf(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String(),
    details: Type.Optional(Type.Array(Type.Unknown())),
  },
  { description: 'RFC 9457, where the Accept header asks for application/problem+json' },
);

export const influxError1 = objectOf({ error: Type.String() });
export const influxError2 = objectOf({
  code: Type.String({ examples: ['invalid'] }),
  message: Type.String(),
  line: Type.Optional(Type.Integer({ description: 'The first that is refused' })),
});

const condition = Type.Unsafe({
  type: 'object',
  required: ['operator'],
  description: 'The sentence as it was understood',
  examples: [{ field: 'temperature', operator: 'gt', value: 30, durationSeconds: 300 }],
});
const alertMembers = {
  _id: id,
  bucketId: id,
  dataSourceId: id,
  name,
  condition: Type.String({ examples: ['temperature exceeds 30°C for 5 minutes'] }),
  parsedCondition: condition,
  webhookUrl: textOrNull,
  status: Type.Enum(['active', 'paused']),
  cooldownMinutes: count,
  createdAt: time,
};
const webhookSecret = Type.Optional(
  Type.String({ description: 'Signs webhooks: shown now and never again', examples: ['whsec_…'] }),
);
const watchedMembers = {
  ...alertMembers,
  lastTriggeredAt: timeOrNull,
  state: Type.Enum(['ok', 'pending', 'firing', 'no_data', 'cooldown', 'paused']),
  updatedAt: time,
};
const { bucketId: _bucketId, updatedAt: _updatedAt, ...listedRuleMembers } = watchedMembers;
export const listedAlertRule = objectOf(listedRuleMembers);
export const alertRule = objectOf(watchedMembers);
export const createdAlertRule = objectOf({ ...alertMembers, webhookSecret });
export const updatedAlertRule = objectOf({ ...watchedMembers, webhookSecret });
export const alertTransition = objectOf({
  event: Type.Enum(['alert.triggered', 'alert.resolved']),
  timestamp: time,
  value: Type.Union([scalar, Type.Null()], { description: 'What was compared' }),
  dataPointTimestamp: timeOrNull,
  reason: Type.Optional(Type.Enum(['paused', 'changed'])),
});
export const alertTest = objectOf({
  firings: Type.Array(
    objectOf({ triggeredAt: time, resolvedAt: timeOrNull, value: Type.Union([scalar, Type.Null()]) }),
  ),
  parsedCondition: condition,
  metadata: objectOf({
    count,
    hasMore: Type.Boolean(),
    startTime: time,
    endTime: time,
    pointsScanned: count,
  }),
});

export const delivery = objectOf({
  _id: id,
  event: Type.String({ examples: ['alert.triggered'] }),
  webhookUrl: Type.String(),
  status: Type.Enum(['pending', 'delivered', 'failed', 'dropped']),
  reason: textOrNull,
  createdAt: time,
  nextAttemptAt: timeOrNull,
  attempts: Type.Array(
    objectOf({
      timestamp: time,
      durationMs: count,
      statusCode: nullable(count),
      error: textOrNull,
      answer: Type.String({ description: 'The first characters of the body' }),
    }),
  ),
});

const rangeEdge = Type.Union([Type.String(), Type.Number()], { examples: ['now-24h'] });
const panel = objectOf({
  id: Type.String(),
  kind: Type.Enum(['chart', 'stat', 'table']),
  title: Type.String(),
  width: Type.Enum(['half', 'full']),
  height: Type.Enum(['small', 'normal', 'tall']),
  drawing: Type.Optional(Type.Enum(['band', 'm4'])),
  statistic: Type.Optional(Type.Enum(['last', 'min', 'max', 'avg', 'count'])),
  series: Type.Array(objectOf({ dataSourceId: id, field: Type.String() })),
});
const dashboardMembers = { _id: id, bucketId: id, name, revision: count, createdAt: time, updatedAt: time };
export const listedDashboard = objectOf({ ...dashboardMembers, panelCount: count });
export const dashboard = objectOf({
  ...dashboardMembers,
  range: objectOf({ from: rangeEdge, to: rangeEdge }),
  timezone: textOrNull,
  live: Type.Boolean(),
  panels: Type.Array(panel),
});

export const pagination = objectOf({
  limit: count,
  offset: count,
  total: count,
  hasMore: Type.Boolean(),
});

const bucketMembers = {
  _id: id,
  name,
  description: textOrNull,
  organizationId: id,
  retentionDays: nullable(Type.Integer({ minimum: 1 })),
  status,
  createdAt: time,
  updatedAt: time,
};
export const bucket = objectOf(bucketMembers);
const { organizationId: _, ...listedMembers } = bucketMembers;
export const listedBucket = objectOf(listedMembers);
export const bucketWithStats = objectOf({
  ...bucketMembers,
  stats: objectOf({ dataSourceCount: count, dataPointCount: count, apiKeyCount: count }),
});

const keyType = Type.Enum(['admin', 'write', 'read']);
const keyMembers = { _id: id, name, type: keyType, keyPrefix: Type.String(), bucketId: id, createdAt: time };
export const apiKey = objectOf({ ...keyMembers, lastUsedAt: timeOrNull });
/** That which asks: Admin keys have no bucket. */
export const callingKey = objectOf({ ...keyMembers, bucketId: nullable(id), lastUsedAt: timeOrNull });
export const keyBucket = nullable(objectOf({ _id: id, name, status }));
export const createdKey = objectOf({
  ...keyMembers,
  key: Type.String({ description: 'The key itself: shown now and never again' }),
});
export const deletedKey = objectOf({ _id: id, name, type: keyType });

const field = objectOf({
  type: Type.Enum(['number', 'string', 'boolean']),
  unit: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
});
const sourceMembers = {
  _id: id,
  bucketId: id,
  name,
  type: Type.String(),
  description: textOrNull,
  schema: mapOf(field),
  downsampling: Type.Boolean(),
  status,
  measurement: Type.Optional(Type.String({ description: 'Of a series of line protocol' })),
  tags: Type.Optional(mapOf(Type.String())),
  createdAt: time,
  updatedAt: time,
};
export const dataSource = objectOf(sourceMembers);
const sourceStats = objectOf({
  dataPointCount: count,
  firstDataPoint: timeOrNull,
  lastDataPoint: timeOrNull,
  averageIntervalMs: nullable(Type.Number()),
});
export const dataSourceWithStats = objectOf({ ...sourceMembers, stats: sourceStats });
export const listedDataSource = objectOf({ ...sourceMembers, stats: Type.Optional(sourceStats) });

export const deleted = objectOf({ _id: id, name });

export const dataPoint = objectOf({
  _id: id,
  bucketId: id,
  dataSourceId: id,
  timestamp: time,
  values,
  metadata: nullable(metadata),
  createdAt: time,
});

const rawRow = objectOf({
  _id: id,
  dataSourceId: id,
  timestamp: time,
  values,
  metadata: Type.Optional(metadata),
});
const figure = Type.Union([Type.Number(), Type.String(), Type.Boolean(), Type.Null()]);
const groupedRow = objectOf({
  dataSourceId: id,
  timestamp: time,
  values: mapOf(Type.Union([figure, mapOf(figure)])),
  count,
});

const queryMetadata = objectOf({
  count: Type.Integer({ minimum: 0, description: 'Rows in the answer' }),
  total: Type.Optional(Type.Integer({ minimum: 0, description: 'Rows without limit, where it is known' })),
  hasMore: Type.Boolean(),
  startTime: timeOrNull,
  endTime: time,
  aggregation: Type.Union([Type.String(), Type.Array(Type.String()), Type.Null()]),
  groupBy: textOrNull,
  timezone: Type.Optional(Type.String()),
  downsamplingApplied: Type.Boolean(),
  downsample: Type.Optional(objectOf({ method: Type.String(), points: count })),
  executionTimeMs: Type.Number(),
  pointsScanned: Type.Integer({ minimum: 0, description: 'Points that were read one by one' }),
  rollupLevel: nullable(Type.String({ description: 'Coarsest windows of the index that took part' })),
});

const column = Type.Array(figure);
const columns = mapOf(
  objectOf({
    timestamps: Type.Array(Type.Number({ description: 'Milliseconds since 1970' })),
    values: mapOf(Type.Union([column, mapOf(column)])),
    counts: Type.Optional(Type.Array(count)),
  }),
);

export const queryAnswer = Type.Union([
  objectOf({ data: Type.Array(Type.Union([rawRow, groupedRow])), metadata: queryMetadata }),
  objectOf({ columns, metadata: queryMetadata }, { description: 'With "format": "columns"' }),
  Type.Object({ plan: Type.Object({}) }, { description: 'With "explain": true' }),
]);

const planName = Type.Enum(['free', 'pro', 'enterprise']);
const numbers = mapOf(Type.Number());

export const overview = objectOf({
  organization: objectOf({ _id: id, name }),
  totals: objectOf({
    buckets: count,
    dataSources: count,
    dataPoints: count,
    alertRules: count,
    apiKeys: count,
  }),
  usage: objectOf({
    apiCallsThisMonth: count,
    apiCallsLimit: nullable(count),
    apiCallsPercentage: nullable(Type.Number()),
    storageUsedBytes: count,
    storageUsedFormatted: Type.String({ examples: ['50 MB'] }),
  }),
  plan: objectOf({
    name: planName,
    maxBuckets: nullable(count),
    maxRetentionDays: nullable(count),
    maxApiCalls: nullable(count),
  }),
  recentActivity: objectOf({
    lastDataIngestion: timeOrNull,
    lastAlertTriggered: timeOrNull,
    dataPointsLast24h: count,
    alertsTriggeredLast24h: count,
  }),
});

export const bucketAnalytics = objectOf({
  bucket: objectOf({ _id: id, name }),
  period: Type.String({ examples: ['7d'] }),
  summary: objectOf({
    totalDataPoints: count,
    dataPointsInPeriod: count,
    avgDataPointsPerDay: count,
    dataSources: count,
    activeAlerts: count,
  }),
  dataSourceStats: Type.Array(
    objectOf({
      _id: id,
      name,
      dataPointCount: count,
      lastDataPoint: timeOrNull,
      avgValues: numbers,
      minValues: numbers,
      maxValues: numbers,
    }),
  ),
  ingestionRate: objectOf({ dataPointsPerHour: Type.Array(objectOf({ hour: time, count })) }),
  alertActivity: objectOf({ totalTriggered: count, byRule: Type.Array(objectOf({ name, count })) }),
});
