import { currentApi } from '../base/keys.js';
import { notice } from '../base/notices.js';
import type { QueryMetadata, RawPoint } from '../base/types.js';
import { view } from './board.js';
import type { Panel } from './panel.js';
import { currentBucket } from './session.js';
import { knownById } from './sources.js';
import { csvOfPoints, pointsQuery } from './table.js';

/** As many as one answer has. */
const ROWS_MAX = 100_000;

/** Hands a file to whoever looks. */
export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replace(/[/\\:*?"<>|]/g, '_');
  link.click();
  URL.revokeObjectURL(address);
}

/** All points of the range, and not only those that were scrolled to. */
export async function tableCsv({ series }: Panel): Promise<string> {
  const known = knownById.peek();
  const shown = series.filter(({ dataSourceId }) => known.has(dataSourceId));
  const page = { view: view.peek(), limit: ROWS_MAX };
  const body = pointsQuery(currentBucket.peek()?._id ?? '', shown, page);
  const answer = await currentApi
    .peek()
    .post<{ data: RawPoint[]; metadata: QueryMetadata }>('/api/data/query', body);
  if (answer.metadata.hasMore)
    notice(`The newest ${ROWS_MAX} points were saved: narrow the range for others.`);
  return csvOfPoints(shown, answer.data, id => known.get(id)?.name ?? '');
}
