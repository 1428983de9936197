import type { Api } from '../base/api.js';
import type { ApiKey } from '../base/types.js';
import type { ExploreView, PageView } from '../board/location.js';

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

export function Explore({ bucket }: ExploreProps) {
  return <h1>{bucket.name}</h1>;
}
