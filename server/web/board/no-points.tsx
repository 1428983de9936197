/** Where sources are there, and their points are not: what is known of them, and the next thing to do. */
import { agoText, timeText } from '../base/format.js';
import { currentApi } from '../base/keys.js';
import { copy } from '../base/notices.js';
import type { RawPoint } from '../base/types.js';
import type { View } from '../chart/model.js';
import { TIME_MAX } from '../chart/zoom.js';
import { setView, timezone, view } from './board.js';
import { OthersFirst, SimulationButtons } from './empty.js';
import { show } from './navigation.js';
import type { PanelSeries } from './panel.js';
import { currentBucket, mayWrite } from './session.js';
import { knownSources, LATEST_MAX, learnedCount, sources } from './sources.js';
import { pointsQuery } from './table.js';
import { useAnswer } from './use-answer.js';

const EVER: View = { from: 0, to: TIME_MAX };
/** Of the range that shows the last points: what is before them. */
const SHARE_BEFORE = 0.9;

/** Whether the bucket has sources, and none of them a point. */
export function hasNoPoints(): boolean {
  const count = sources.value?.length ?? 0;
  return count > 0 && count <= LATEST_MAX && learnedCount.value === 0;
}

export function NoPoints() {
  if (!mayWrite.value) return <OthersFirst title="No points yet" />;
  const command = sendCommand();
  return (
    <div class="empty">
      <h1>No points yet</h1>
      <p class="muted">
        The first one shows by itself. Send it with this command and a key of the bucket, or look at a
        simulated sensor meanwhile.
      </p>
      <pre class="command">{command}</pre>
      <SimulationButtons>
        <button type="button" class="button" onClick={() => void copy(command, 'Command')}>
          Copy
        </button>
        <button type="button" class="button" onClick={() => show('sources')}>
          Upload a file
        </button>
      </SimulationButtons>
    </div>
  );
}

/** Of one point of the first source. The key is left to whoever sends it: what is shown may be looked at by others. */
function sendCommand(): string {
  const [source] = knownSources.value;
  const examples = { number: 21.5, string: 'on', boolean: true };
  const fields =
    source.fields.length > 0 ? source.fields : [{ name: 'temperature', type: 'number' } as const];
  const values = Object.fromEntries(fields.map(({ name, type }) => [name, examples[type]]));
  const body = JSON.stringify({ bucketId: currentBucket.value?._id, dataSourceId: source._id, values });
  return [
    `curl ${location.origin}/api/data \\`,
    `  -H "X-API-Key: $DAKKIO_KEY" -H 'Content-Type: application/json' \\`,
    `  -d '${body.replaceAll("'", `'\\''`)}'`,
  ].join('\n');
}

/** Over a chart whose range has no points. */
export function NoPointsHere({ series }: { readonly series: readonly PanelSeries[] }) {
  const bucketId = currentBucket.value?._id ?? '';
  const { value } = useAnswer(JSON.stringify([bucketId, series]), '', signal =>
    currentApi
      .peek()
      .post<{ data: RawPoint[] }>(
        '/api/data/query',
        pointsQuery(bucketId, series, { view: EVER, limit: 1 }),
        { signal },
      ),
  );
  if (value === undefined) return null;
  const [last] = value.data;
  if (last === undefined) return <p class="muted">No points yet</p>;
  const time = Date.parse(last.timestamp);
  const now = Date.now();
  const showLast = () => {
    const { from, to } = view.peek();
    const start = time - (to - from) * SHARE_BEFORE;
    setView({ from: Math.round(start), to: Math.round(start + to - from) }, true);
  };
  return (
    <>
      <p class="muted">
        No points in this range. The last: {time > now ? timeText(time, timezone.value) : agoText(time, now)}
      </p>
      <button type="button" class="button" onClick={showLast}>
        Show the last
      </button>
    </>
  );
}
