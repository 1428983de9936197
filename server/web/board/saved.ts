/** Dashboards that are kept by the server. */
import { signal } from '@preact/signals';
import { currentApi } from '../base/keys.js';
import type { Panel } from './panel.js';

export interface ListedDashboard {
  readonly _id: string;
  readonly name: string;
  readonly revision: number;
  readonly panelCount: number;
}

export interface Dashboard extends Omit<ListedDashboard, 'panelCount'> {
  readonly bucketId: string;
  readonly range: { readonly from: string | number; readonly to: string | number };
  readonly timezone: string | null;
  readonly live: boolean;
  readonly panels: readonly Panel[];
}

export type DashboardBody = Pick<Dashboard, 'name' | 'range' | 'timezone' | 'live' | 'panels'>;

/** Of the bucket that is shown. */
export const dashboards = signal<readonly ListedDashboard[]>([]);

/** The one of the address; undefined while there is none, or it is on its way. */
export const savedDashboard = signal<Dashboard | undefined>(undefined);

export async function loadDashboards(bucketId: string): Promise<void> {
  const found: ListedDashboard[] = [];
  for (;;) {
    const { dashboards: page, pagination } = await currentApi.peek().get<{
      dashboards: ListedDashboard[];
      pagination: { hasMore: boolean };
    }>(`/api/dashboards?bucketId=${bucketId}&limit=1000&offset=${found.length}`);
    found.push(...page);
    if (!pagination.hasMore) break;
  }
  dashboards.value = found;
}

export async function loadDashboard(id: string): Promise<Dashboard> {
  const { dashboard } = await currentApi.peek().get<{ dashboard: Dashboard }>(`/api/dashboards/${id}`);
  return dashboard;
}

/** After a write, which was done whether or not the list can be read. */
async function readList(bucketId: string): Promise<void> {
  await loadDashboards(bucketId).catch(() => undefined);
}

export async function createDashboard(bucketId: string, body: DashboardBody): Promise<Dashboard> {
  const answer = await currentApi
    .peek()
    .post<{ dashboard: Dashboard }>('/api/dashboards', { bucketId, ...body });
  await readList(bucketId);
  return answer.dashboard;
}

/** @throws (rejects) ApiFailure of status 409 where it has another revision by now */
export async function updateDashboard(
  { _id, bucketId }: Dashboard,
  body: Partial<DashboardBody> & { readonly revision?: number },
): Promise<Dashboard> {
  const answer = await currentApi.peek().patch<{ dashboard: Dashboard }>(`/api/dashboards/${_id}`, body);
  await readList(bucketId);
  return answer.dashboard;
}

export async function deleteDashboard({ _id, bucketId }: Dashboard): Promise<void> {
  await currentApi.peek().delete(`/api/dashboards/${_id}`);
  await readList(bucketId);
}
