/** The body: an example to begin with, and a check as one types. */
import { Icon } from '../base/icon.js';
import { type Checked, checkBody, pathText } from './check.js';
import type { Body, Operation } from './document.js';
import type { ShownForm } from './form.js';
import { type KnownId, MAKERS } from './ids.js';
import { rangeAt } from './json-text.js';
import { originText } from './parameters.js';
import { changeForm, ids, operationAt, typed } from './state.js';

const EDITOR_ID = 'body';

/** Selects the value at a path in the editor. */
export function showInBody(path: readonly (string | number)[]): void {
  const editor = document.getElementById(EDITOR_ID) as HTMLTextAreaElement | null;
  if (editor === null) return;
  const { start, end } = rangeAt(editor.value, path);
  editor.focus();
  editor.setSelectionRange(start, end);
  const line = editor.value.slice(0, start).split('\n').length - 1;
  editor.scrollTop = Math.max(0, line - 2) * 16;
}

interface Props {
  readonly operation: Operation;
  readonly body: Body;
  readonly form: ShownForm;
}

export function BodyEditor({ operation, body, form }: Props) {
  const text = form.body ?? '';
  const checked = checkBody(body, text);
  const lines = Math.min(24, Math.max(6, text.split('\n').length + 1));
  return (
    <section class="body" aria-label="Body">
      <header>
        <label class="muted small" for={EDITOR_ID}>
          body
        </label>
        <code class="muted">{body.type}</code>
        <span class="rest" />
        <Examples operation={operation} body={body} />
      </header>
      <textarea
        id={EDITOR_ID}
        class="code"
        rows={lines}
        spellcheck={false}
        autocomplete="off"
        wrap="off"
        value={text}
        aria-invalid={checked.syntax !== undefined || checked.faults.length > 0}
        aria-describedby="body-check"
        onInput={event => changeForm(operation.id, { body: event.currentTarget.value })}
      />
      <div id="body-check" class="check small" aria-live="polite">
        <Verdict body={body} checked={checked} />
        <Ids form={form} />
      </div>
    </section>
  );
}

function Examples({ operation, body }: { readonly operation: Operation; readonly body: Body }) {
  const { example, body: own } = typed.value[operation.id] ?? {};
  if (body.examples.length === 0) return null;
  const shown = own === undefined ? (example ?? body.examples[0].name) : '';
  return (
    <select
      aria-label="Example"
      value={shown}
      onChange={event => changeForm(operation.id, { example: event.currentTarget.value, body: undefined })}
    >
      {own !== undefined && <option value="">your own</option>}
      {body.examples.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Verdict({ body, checked }: { readonly body: Body; readonly checked: Checked }) {
  const { syntax, faults } = checked;
  if (body.schema === undefined) return null;
  if (syntax !== undefined) {
    return (
      <p class="bad">
        Line {syntax.line}, column {syntax.column}: {syntax.message}
      </p>
    );
  }
  if (faults.length === 0) {
    return (
      <p class="good">
        <Icon name="check" /> valid
      </p>
    );
  }
  return (
    <ul class="bad">
      {faults.map(({ path, message }) => (
        <li key={`${pathText(path)} ${message}`}>
          <button type="button" class="link" onClick={() => showInBody(path)}>
            {path.length === 0 ? 'The body' : pathText(path)}
          </button>{' '}
          {message}
        </li>
      ))}
    </ul>
  );
}

/** Ids that were filled in, and those that were not. */
function Ids({ form }: { readonly form: ShownForm }) {
  const known = form.used.map(name => [name, ids.value[name]?.[0]] as const);
  return (
    <>
      {known.map(
        ([name, one]) =>
          one !== undefined && (
            <p key={name} class="muted">
              <code>{name}</code> {originText(one satisfies KnownId)}
            </p>
          ),
      )}
      {form.missing.map(name => {
        const maker = operationAt(MAKERS[name]);
        return (
          <p key={name} class="warn">
            No {name} is known yet
            {maker && (
              <>
                : <a href={`#${maker.id}`}>{firstText(maker.summary)}</a>
              </>
            )}
          </p>
        );
      })}
    </>
  );
}

/** `Creates a bucket` → `Create a bucket first` */
function firstText(summary: string): string {
  return `${summary.replace(/^(\w+?)s\b/, '$1')} first`;
}
