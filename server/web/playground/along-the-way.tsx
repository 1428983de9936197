/** Ids that were met, and what was sent: both fill forms again. */
import { millisecondsText, timeText } from '../base/format.js';
import { Icon } from '../base/icon.js';
import { exchangeOf } from './exchange.js';
import type { Entry } from './history.js';
import { forget, MAKERS } from './ids.js';
import { Method } from './navigation.js';
import { changeForm, history, ids } from './state.js';

export function AlongTheWay() {
  return (
    <aside class="along" aria-label="Along the way">
      <Remembered />
      <Sent />
    </aside>
  );
}

function Remembered() {
  const known = Object.keys(MAKERS).flatMap(parameter => {
    const one = ids.value[parameter]?.[0];
    return one === undefined ? [] : [{ parameter, ...one }];
  });
  if (known.length === 0) return null;
  return (
    <section>
      <h2 class="quiet">Ids that fill the forms</h2>
      <ul class="remembered">
        {known.map(({ parameter, id, name, source }) => (
          <li key={parameter} class="small">
            <span class="muted">{parameter}</span>
            <span class="value" title={`${id}, from ${source}`}>
              {name || id}
            </span>
            <button
              type="button"
              class="icon-button"
              aria-label={`Forget ${parameter}`}
              onClick={() => {
                ids.value = forget(ids.value, parameter, id);
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sent() {
  const entries = history.value;
  if (entries.length === 0) return null;
  return (
    <section>
      <header class="row">
        <h2 class="quiet">Sent in this tab</h2>
        <button
          type="button"
          class="link small"
          onClick={() => {
            history.value = [];
          }}
        >
          Clear
        </button>
      </header>
      <ol class="sent">
        {entries.map(entry => (
          <li key={entry.number}>
            <SentItem entry={entry} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function SentItem({ entry }: { readonly entry: Entry }) {
  const { operation, method, target, status, milliseconds, sentAt } = entry;
  const isGood = status >= 200 && status < 300;
  const refill = () => {
    changeForm(operation, { example: undefined, body: undefined, ...entry.typed });
    location.hash = operation;
  };
  return (
    <button
      type="button"
      class="small"
      title={`${target} at ${timeText(sentAt, 'UTC')} UTC: fills the form again`}
      disabled={exchangeOf(operation).isUnderWay}
      onClick={refill}
    >
      <Method name={method} />
      <span class="target">{shortened(target)}</span>
      <span class={isGood ? 'good' : 'bad'}>{status === 0 ? 'none' : status}</span>
      <span class="muted figure">{millisecondsText(milliseconds)}</span>
    </button>
  );
}

function shortened(target: string): string {
  return target.replace(/^\/api(?=\/)/, '').replace(/[0-9a-f]{24}/g, '…');
}
