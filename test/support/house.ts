/** A bucket with two sources, rules and keys, whose names are what somebody may try. */
import type { Client } from '../../bench/client.js';
import { HOSTILE_NAME } from './explorer.js';

export const HOSTILE_FIELD = '<b>x';
const MINUTE_MS = 60_000;
const POINTS = 180;

export interface House {
  readonly bucketId: string;
  /** With the field `temperature`, and a rule that has fired. */
  readonly northId: string;
  /** All names of it are HOSTILE_NAME. */
  readonly hostileId: string;
  readonly readKey: string;
}

export async function fillHouse(client: Client): Promise<House> {
  const { bucket } = await client.json<{ bucket: { _id: string } }>('POST', '/api/buckets', {
    name: 'House',
  });
  const bucketId = bucket._id;
  const sourceOf = async (name: string, schema: object) =>
    (
      await client.json<{ dataSource: { _id: string } }>('POST', `/api/buckets/${bucketId}/sources`, {
        name,
        schema,
      })
    ).dataSource._id;
  const northId = await sourceOf('North', { temperature: { type: 'number', unit: '°C' } });
  const hostileId = await sourceOf(HOSTILE_NAME, {
    [HOSTILE_FIELD]: { type: 'number', unit: HOSTILE_NAME },
    note: { type: 'string' },
  });
  const first = Date.now() - POINTS * MINUTE_MS;
  const timestamps = Array.from({ length: POINTS }, (_, row) => first + row * MINUTE_MS);
  const send = (dataSourceId: string, values: object) =>
    client.json('POST', '/api/data/batch', { bucketId, columns: { dataSourceId, timestamps, values } });
  await send(northId, { temperature: timestamps.map((_, row) => 20 + (row % 10) / 2) });
  await send(hostileId, {
    [HOSTILE_FIELD]: timestamps.map((_, row) => row),
    note: timestamps.map((_, row) => (row === POINTS - 1 ? `=1+1,"${HOSTILE_NAME}"` : 'quiet')),
  });
  const rule = (dataSourceId: string, name: string, condition: string) =>
    client.json('POST', '/api/alerts', { bucketId, dataSourceId, name, condition });
  await rule(northId, 'Too warm', 'temperature > 25');
  await rule(hostileId, HOSTILE_NAME, `${JSON.stringify(HOSTILE_FIELD)} > 200`).catch(() =>
    rule(hostileId, HOSTILE_NAME, 'No data received for 30 days'),
  );
  await client.json('POST', '/api/data', { bucketId, dataSourceId: northId, values: { temperature: 26 } });
  const { apiKey } = await client.json<{ apiKey: { key: string } }>('POST', `/api/buckets/${bucketId}/keys`, {
    name: 'Wall',
    type: 'read',
  });
  return { bucketId, northId, hostileId, readKey: apiKey.key };
}
