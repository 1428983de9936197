import type { Api } from '../../base/api.js';
import type { Value } from '../../base/types.js';
import type { ListedSource } from '../answers.js';

export type LastValues = ReadonlyMap<string, Readonly<Record<string, Value>>>;

/** The last value of each field of some sources, by source. The index has them: no points are read. */
export async function lastValues(
  api: Api,
  bucketId: string,
  sources: readonly ListedSource[],
  signal: AbortSignal,
): Promise<LastValues> {
  const times = sources.flatMap(({ stats }) => (stats.lastDataPoint === null ? [] : [stats.lastDataPoint]));
  if (times.length === 0) return new Map();
  const last = Math.max(...times.map(time => Date.parse(time)));
  const answer = await api.post<{ data: { dataSourceId: string; values: Record<string, Value> }[] }>(
    '/api/data/query',
    {
      bucketId,
      aggregation: 'last',
      // Sources may be ahead of the server's clock.
      filters: { dataSourceIds: sources.map(({ _id }) => _id), endTime: last + 1 },
    },
    { signal },
  );
  return new Map(answer.data.map(({ dataSourceId, values }) => [dataSourceId, values]));
}
