/** Counters of the server, as it tells them itself. */
import type { Client } from './client.js';

export interface ServerCounters {
  readonly syncs: number;
  readonly records: number;
}

/** undefined where the server has no such page, or does not count. */
export async function readCounters(client: Client): Promise<ServerCounters | undefined> {
  const { status, body } = await client.send('GET', '/metrics');
  if (status !== 200) return undefined;
  const text = body.toString();
  const counterOf = (name: string) => {
    const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+]+)`, 'm').exec(text) ?? [];
    return value === undefined ? undefined : Number(value);
  };
  const syncs = counterOf('dakkio_wal_syncs_total');
  const records = counterOf('dakkio_wal_records_total');
  return syncs === undefined || records === undefined ? undefined : { syncs, records };
}
