import { childrenOf, dropChild } from './children.js';
import type { Dashboard } from './model.js';

/** The dashboards of the catalog. */
export class DashboardState {
  readonly all = new Map<string, Dashboard>();
  readonly #byBucket = new Map<string, Map<string, Dashboard>>();

  /** Oldest first. */
  of(bucketId: string): ReadonlyMap<string, Dashboard> {
    return this.#byBucket.get(bucketId) ?? new Map();
  }

  put(dashboard: Dashboard): void {
    this.all.set(dashboard.id, dashboard);
    childrenOf(this.#byBucket, dashboard.bucketId).set(dashboard.id, dashboard);
  }

  drop(id: string): void {
    const dashboard = this.all.get(id);
    if (dashboard === undefined) return;
    this.all.delete(id);
    dropChild(this.#byBucket, dashboard.bucketId, id);
  }

  /** All of a bucket. */
  dropOf(bucketId: string): void {
    for (const id of [...this.of(bucketId).keys()]) this.drop(id);
  }
}
