/** Envelopes of ingestion. What is inside a point is checked by `ingest/points.ts`, which names each failure. */

import type { RequestLimits } from '../limits.js';
import { parseTimestamp, problemMessage } from './timestamp.js';
import Type from './typebox.js';

const timestampSchema = Type.Refine(
  Type.Unknown(),
  value => typeof parseTimestamp(value) === 'number',
  value => {
    const problem = parseTimestamp(value);
    return typeof problem === 'number' ? '' : problemMessage(problem);
  },
);

export const ingestSchema = Type.Object({
  bucketId: Type.String(),
  dataSourceId: Type.String(),
  timestamp: Type.Optional(timestampSchema),
  values: Type.Object({}),
  metadata: Type.Optional(Type.Unsafe<object | null>({ type: ['object', 'null'] })),
});

export function batchSchema(limits: RequestLimits) {
  return Type.Object({
    bucketId: Type.String(),
    dataPoints: Type.Array(Type.Unknown(), { minItems: 1, maxItems: limits.batchPointsMax }),
  });
}

/** Of a batch that has columns in the place of points. */
export const columnsSchema = Type.Object({ bucketId: Type.String(), columns: Type.Object({}) });
