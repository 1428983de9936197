/** Last values of fields, whatever the order in which points come: a stream brings those that were written late, too. */
import type { RawPoint, Value } from '../base/types.js';

export type Reading = Pick<RawPoint, 'dataSourceId' | 'timestamp' | 'values'>;

interface Last {
  readonly value: Value;
  readonly time: number;
}

/** By source and field. */
export type LastValues = ReadonlyMap<string, ReadonlyMap<string, Last>>;

/** With points of which each field has the newest; of one time, what came last. */
export function withPoints(known: LastValues, points: readonly Reading[]): LastValues {
  const next = new Map<string, Map<string, Last>>();
  for (const { dataSourceId, timestamp, values } of points) {
    const time = Date.parse(timestamp);
    const fields = next.get(dataSourceId) ?? new Map(known.get(dataSourceId));
    next.set(dataSourceId, fields);
    for (const [name, value] of Object.entries(values)) {
      const last = fields.get(name);
      if (last === undefined || time >= last.time) fields.set(name, { value, time });
    }
  }
  return new Map([...known, ...next]);
}
