/** An operation: what it is, its form, and beside it the answer. */

import { Icon } from '../base/icon.js';
import { currentKey, maskedKey } from '../base/keys.js';
import { copy } from '../base/notices.js';
import { AnswerPane } from './answer.js';
import { BodyEditor } from './body-editor.js';
import { COPIES } from './copies.js';
import type { Operation } from './document.js';
import { exchange, exchangeOf, stop } from './exchange.js';
import { pathFault, type ShownForm, UNTOUCHED } from './form.js';
import { KeyNeedLine } from './key-need.js';
import { marked } from './marked.js';
import { Method } from './navigation.js';
import { Parameters } from './parameters.js';
import type { ApiRequest } from './request.js';
import { form, operation, request, typed } from './state.js';

export function OperationView() {
  const shown = operation.value;
  if (shown === undefined || form.value === undefined || request.value === undefined) return null;
  const fields = form.value;
  return (
    <article class="operation" key={shown.id}>
      <Head operation={shown} form={fields} />
      <form
        class="form"
        onSubmit={event => {
          event.preventDefault();
          void sendShown();
        }}
        aria-label="Request"
      >
        <Parameters operation={shown} form={fields} />
        {shown.body !== undefined && <BodyEditor operation={shown} body={shown.body} form={fields} />}
        <Actions operation={shown} form={fields} request={request.value} />
      </form>
      <AnswerPane operation={shown} />
    </article>
  );
}

/** What is on the page is sent, unless a part of the path is missing. */
export async function sendShown(): Promise<void> {
  const shown = operation.value;
  if (shown === undefined || form.value === undefined || request.value === undefined) return;
  if (faultOf(shown, form.value) !== undefined) return;
  await exchange(shown, form.value, request.value, typed.value[shown.id] ?? UNTOUCHED);
}

function faultOf({ parameters }: Operation, { values }: ShownForm): string | undefined {
  const missing = parameters.find(parameter => pathFault(parameter, values[parameter.name]) !== undefined);
  return missing && `${missing.name}: ${pathFault(missing, values[missing.name])?.toLowerCase()}`;
}

function Head({ operation, form }: { readonly operation: Operation; readonly form: ShownForm }) {
  const { method, path, summary, description } = operation;
  return (
    <header class="head">
      <h1>{summary}</h1>
      <p class="route">
        <Method name={method} /> <code>{path}</code>
      </p>
      <KeyNeedLine operation={operation} form={form} />
      {description !== '' && <p class="muted description">{marked(description)}</p>}
    </header>
  );
}

function Actions(props: {
  readonly operation: Operation;
  readonly form: ShownForm;
  readonly request: ApiRequest;
}) {
  const { operation, form, request } = props;
  const { isUnderWay } = exchangeOf(operation.id);
  const fault = faultOf(operation, form);
  return (
    <>
      <RequestLines request={request} />
      <div class="actions">
        {/* Keys: a button that became the other would submit the form by the click that stopped it. */}
        {isUnderWay ? (
          <button key="stop" type="button" class="button" onClick={() => stop(operation.id)}>
            <Icon name="close" /> Stop
          </button>
        ) : (
          <button key="send" type="submit" class="button primary" disabled={fault !== undefined}>
            <Icon name="play" /> Send <kbd>{IS_APPLE ? '⌘↵' : 'Ctrl ↵'}</kbd>
          </button>
        )}
        {fault !== undefined && <span class="small muted">{fault}</span>}
        <span class="rest" />
        <CopyAs request={request} />
      </div>
    </>
  );
}

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** What goes over the wire, but for the body, which is above. */
function RequestLines({ request: { method, target, headers } }: { readonly request: ApiRequest }) {
  const key = currentKey.value;
  return (
    <pre class="request-lines">
      <span class="request-line">
        {method} {target}
      </span>
      {headers.map(([name, value]) => (
        <span key={name} class="muted">
          {`\n${name}: ${value === key ? maskedKey(key) : value}`}
        </span>
      ))}
    </pre>
  );
}

function CopyAs({ request }: { readonly request: ApiRequest }) {
  return (
    <div class="copy-as">
      <span class="small muted">copy as</span>
      {COPIES.map(({ name, write }) => (
        <button
          key={name}
          type="button"
          class="button"
          aria-label={`Copy as ${name}`}
          onClick={() => copy(write(request, location.origin), `${name} text, with the key in it,`)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
