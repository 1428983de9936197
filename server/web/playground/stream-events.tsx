/** Events of a live stream, the latest first. */
import { timeText } from '../base/format.js';
import { ColouredJson } from './coloured.js';
import type { Exchange } from './exchange.js';
import { operationAt } from './state.js';

export function StreamEvents({ exchange }: { readonly exchange: Exchange }) {
  const { events, isUnderWay, eventCount } = exchange;
  const sender = operationAt('POST /api/data');
  if (events.length === 0) {
    return (
      <p class="muted">
        {isUnderWay ? 'Listening. Points that are stored from now on appear here' : 'Nothing came'}
        {sender && isUnderWay && (
          <>
            : <a href={`#${sender.id}`}>{sender.summary}</a>; the stream goes on meanwhile
          </>
        )}
        .
      </p>
    );
  }
  return (
    <>
      <ol class="events">
        {events.map(({ id, name, data, receivedAt }, index) => (
          <li key={`${eventCount - index}`}>
            <p class="small muted">
              {timeText(receivedAt, 'UTC')} <code>{id}</code> {name}
            </p>
            <pre>
              <ColouredJson text={data} />
            </pre>
          </li>
        ))}
      </ol>
      {eventCount > events.length && (
        <p class="muted small">
          The last {events.length} of {eventCount}.
        </p>
      )}
    </>
  );
}
