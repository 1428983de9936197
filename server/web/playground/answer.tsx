/** What came back: status, time and size, what to check after an error, and the body. */

import { bytesText, millisecondsText } from '../base/format.js';
import { Icon } from '../base/icon.js';
import { keepKey, maskedKey } from '../base/keys.js';
import { copy } from '../base/notices.js';
import { showInBody } from './body-editor.js';
import { pathText } from './check.js';
import { COLOURED_CHARACTERS_MAX, ColouredJson } from './coloured.js';
import type { Operation } from './document.js';
import { type Exchange, exchangeOf, isWholeAndGood } from './exchange.js';
import { hexDump } from './hex-dump.js';
import { prettyJson } from './json-text.js';
import { marked } from './marked.js';
import type { SentAnswer } from './send.js';
import { operationAt } from './state.js';
import { StreamEvents } from './stream-events.js';

export function AnswerPane({ operation }: { readonly operation: Operation }) {
  const exchange = exchangeOf(operation.id);
  const { answer, isUnderWay } = exchange;
  return (
    <section class="answer" aria-label="Answer" aria-busy={isUnderWay}>
      {answer === undefined ? (
        isUnderWay ? (
          <Waiting />
        ) : (
          <Expected operation={operation} />
        )
      ) : (
        <>
          <Status answer={answer} exchange={exchange} />
          <Hints exchange={exchange} />
          {exchange.madeKey !== undefined && <MadeKey value={exchange.madeKey} />}
          <Headers answer={answer} />
          {operation.isStream && answer.status === 200 ? (
            <StreamEvents exchange={exchange} />
          ) : (
            <AnswerBody answer={answer} text={exchange.text} />
          )}
        </>
      )}
    </section>
  );
}

function Waiting() {
  return (
    <>
      <div class="skeleton line" />
      <div class="skeleton block" />
    </>
  );
}

/** Before anything was sent: what can come. */
function Expected({ operation }: { readonly operation: Operation }) {
  return (
    <>
      <h2 class="quiet">Answers that can come</h2>
      <dl class="expected">
        {operation.answers.map(({ status, description }) => (
          <div key={status}>
            <dt>{status}</dt>
            <dd class="muted">{marked(description)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Status({ answer, exchange }: { readonly answer: SentAnswer; readonly exchange: Exchange }) {
  const { status, statusText, milliseconds, bytes } = answer;
  const isGood = isWholeAndGood(answer);
  return (
    <p class="status" role="status">
      <span class={`badge ${isGood ? 'good' : 'bad'}`}>
        <Icon name={isGood ? 'check' : 'alert'} />
        {status === 0 ? statusText : `${status} ${statusText}`}
        {answer.isCutOff && ', broken off'}
      </span>
      <span>{millisecondsText(milliseconds)}</span>
      <span class="muted">
        {answer.type === 'text/event-stream' ? `${exchange.eventCount} events` : bytesText(bytes.length)}
      </span>
    </p>
  );
}

function Hints({ exchange: { hints, details } }: { readonly exchange: Exchange }) {
  if (hints.length === 0 && details.length === 0) return null;
  return (
    <div class="failure" role="alert">
      {hints.map(({ text, route }) => {
        const target = route === undefined ? undefined : operationAt(route);
        return (
          <p key={text}>
            {text}
            {target !== undefined && (
              <>
                {' '}
                <a href={`#${target.id}`}>{route}</a>
              </>
            )}
          </p>
        );
      })}
      {details.length > 0 && (
        <ul>
          {details.map(({ path, message }) => (
            <li key={`${path.join('.')} ${message}`}>
              <Place path={path} /> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Place({ path: [part, ...path] }: { readonly path: readonly (string | number)[] }) {
  const text = path.length === 0 ? `the ${part}` : pathText(path);
  if (part !== 'body') return <code>{text}</code>;
  return (
    <button type="button" class="link code" title="Show it in the body" onClick={() => showInBody(path)}>
      {text}
    </button>
  );
}

function MadeKey({ value }: { readonly value: string }) {
  return (
    <div class="made-key">
      <span>
        <code>{maskedKey(value)}</code> is kept in this tab.
      </span>
      <button type="button" class="button" onClick={() => keepKey(value)}>
        Use it from now on
      </button>
      <button type="button" class="button" onClick={() => copy(value, 'Key')}>
        Copy it
      </button>
    </div>
  );
}

function Headers({ answer: { headers } }: { readonly answer: SentAnswer }) {
  if (headers.length === 0) return null;
  return (
    <details class="headers">
      <summary class="small muted">{headers.length} headers</summary>
      <dl>
        {headers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function AnswerBody({ answer, text }: { readonly answer: SentAnswer; readonly text: string | undefined }) {
  if (answer.bytes.length === 0) return <p class="muted">The answer has no body.</p>;
  if (text === undefined) {
    return <Text text={hexDump(answer.bytes)} note={`${answer.type}: bytes, and what of them is ASCII`} />;
  }
  return answer.type.endsWith('json') ? (
    <Text text={prettyJson(text)} whole={text} isJson />
  ) : (
    <Text text={text} whole={text} />
  );
}

function Text(props: {
  readonly text: string;
  readonly note?: string;
  /** What Copy copies. */
  readonly whole?: string;
  readonly isJson?: boolean;
}) {
  const { text, note, whole, isJson = false } = props;
  const shown = text.slice(0, COLOURED_CHARACTERS_MAX);
  return (
    <>
      {note !== undefined && <p class="muted small">{note}</p>}
      <div class="output">
        <section aria-label="Body of the answer">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <pre tabIndex={0}>{isJson ? <ColouredJson text={shown} /> : shown}</pre>
        </section>
        {whole !== undefined && (
          <button
            type="button"
            class="icon-button"
            aria-label="Copy the body"
            title="Copy"
            onClick={() => copy(whole, 'Body')}
          >
            <Icon name="copy" />
          </button>
        )}
      </div>
      {shown.length < text.length && (
        <p class="muted small">
          The first {shown.length} of {text.length} characters
          {whole === undefined ? '' : '; Copy takes them all'}.
        </p>
      )}
    </>
  );
}
