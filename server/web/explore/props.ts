import type { Api } from '../base/api.js';
import type { ApiKey } from '../base/types.js';
import type { ExploreView, PageView } from '../board/location.js';

/** What every view of the explorer is given. */
export interface ExploreProps {
  readonly api: Api;
  readonly bucket: { readonly _id: string; readonly name: string; readonly status: 'active' | 'archived' };
  /** Whose page it is: its `type` says what it may do. */
  readonly apiKey: ApiKey;
  readonly view: ExploreView;
  readonly id?: string;
  /** IANA name. */
  readonly timezone: string;
  /** Links do as well: `href={viewHash('source', id)}` of board/location.ts. */
  readonly navigate: (view: PageView, id?: string) => void;
  /** Something was made, changed or deleted: the frame around reads it again. */
  readonly onChanged: (what: 'buckets' | 'sources' | 'alerts') => void;
}

/** Whether the page may have a button that changes something in the bucket. */
export function mayWrite({ apiKey, bucket }: ExploreProps): boolean {
  return apiKey.type !== 'read' && bucket.status === 'active';
}

/** Of the bucket: `/api/buckets/…` and what follows. */
export function bucketPath({ bucket }: Pick<ExploreProps, 'bucket'>, rest = ''): string {
  return `/api/buckets/${bucket._id}${rest}`;
}
