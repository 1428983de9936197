/** The source that sentences of the tables speak of. */
import type { FieldType } from '../../../engine/batch.js';

export const HOUSE: ReadonlyMap<string, FieldType> = new Map<string, FieldType>([
  ['temperature', 'number'],
  ['humidity', 'number'],
  ['pressure', 'number'],
  ['cpu_usage', 'number'],
  ['batteryLevel', 'number'],
  ['battery', 'number'],
  ['pm2.5', 'number'],
  ['outside-temperature', 'number'],
  ['average load', 'number'],
  ['flow', 'number'],
  ['status', 'string'],
  ['door', 'boolean'],
]);
