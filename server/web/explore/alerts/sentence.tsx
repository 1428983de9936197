import { useEffect, useId, useState } from 'preact/hooks';
import { type Api, ApiFailure } from '../../base/api.js';
import { timeText } from '../../base/format.js';
import type { RuleTest } from '../answers.js';
import { readingText } from '../sources/source-list.js';
import { markedSentence } from './rule-words.js';

const PAUSE_MS = 300;
const FIRINGS_SHOWN_MAX = 3;

type Check =
  | { readonly sentence: string; readonly result: RuleTest }
  | { readonly sentence: string; readonly error: ApiFailure };

/** A condition in words, tried on the last seven days as it is written. */
export function SentenceField(props: {
  readonly api: Api;
  readonly bucketId: string;
  readonly sourceId: string;
  /** Names, for the example. */
  readonly fields: readonly string[];
  readonly timezone: string;
  readonly value: string;
  readonly onValue: (sentence: string) => void;
}) {
  const { api, bucketId, sourceId, fields, timezone, value, onValue } = props;
  const [check, setCheck] = useState<Check>();
  const note = useId();
  useEffect(() => {
    setCheck(undefined);
    if (value.trim() === '') return;
    const controller = new AbortController();
    const ask = () => {
      const body = { bucketId, dataSourceId: sourceId, condition: value, startTime: 'now-7d' };
      api
        .call<RuleTest>('POST', '/api/alerts/test', body, { signal: controller.signal })
        .then(answer => setCheck({ sentence: value, result: answer.body }))
        .catch(error => error instanceof ApiFailure && setCheck({ sentence: value, error }));
    };
    const timer = setTimeout(ask, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [value, sourceId]);
  const isBad = check !== undefined && 'error' in check;
  return (
    <div class="sentence">
      <label class="field">
        <span>It fires when</span>
        <input
          value={value}
          required
          maxLength={4_096}
          autocomplete="off"
          placeholder={`${fields[0] ?? 'temperature'} is greater than 30 for 5 minutes`}
          aria-invalid={isBad}
          aria-describedby={note}
          onInput={event => onValue(event.currentTarget.value)}
        />
      </label>
      <div id={note} class="sentence-note small" aria-live="polite">
        {check === undefined && <p class="muted">A sentence, tried on the last 7 days as you write.</p>}
        {check !== undefined && 'error' in check && <Misunderstood {...check} />}
        {check !== undefined && 'result' in check && <Understood {...check.result} timezone={timezone} />}
      </div>
    </div>
  );
}

function Misunderstood({ sentence, error }: { readonly sentence: string; readonly error: ApiFailure }) {
  const message = error.details.find(({ path }) => path[1] === 'condition')?.message ?? error.message;
  const marked = markedSentence(sentence, message);
  return (
    <>
      {marked !== undefined && (
        <p class="marked-sentence">
          {marked.before}
          <mark>{marked.word || '\u00a0'}</mark>
          {marked.after}
        </p>
      )}
      <p class="fault">{message}</p>
    </>
  );
}

function Understood({ firings, metadata, timezone }: RuleTest & { readonly timezone: string }) {
  if (firings.length === 0) {
    return <p>Understood. In the last 7 days it would not have fired.</p>;
  }
  const count = `${firings.length}${metadata.hasMore ? ' or more' : ''}`;
  const last = firings.slice(-FIRINGS_SHOWN_MAX).reverse();
  return (
    <>
      <p>
        Understood. In the last 7 days it would have fired {count} {firings.length === 1 ? 'time' : 'times'},
        last at:
      </p>
      <ul>
        {last.map(({ triggeredAt, value }) => (
          <li key={triggeredAt}>
            {timeText(Date.parse(triggeredAt), timezone)}
            {value !== null && ` with ${readingText(value, undefined)}`}
          </li>
        ))}
      </ul>
    </>
  );
}
