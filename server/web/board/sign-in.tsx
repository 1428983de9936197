import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiFailure } from '../base/api.js';
import { Failure } from '../base/failure.js';
import { keyType } from '../base/keys.js';
import { sessionFailure, signIn } from './session.js';

const KEY_LENGTH = 49;
const PREFIX_LENGTH = 9;

const KINDS = {
  admin: 'Admin key: every bucket, and everything in it.',
  write: 'Write key: one bucket, to look at and to change.',
  read: 'Read key: one bucket, to look at.',
} as const;

/** Why a text is no key, in words; undefined where it looks like one. */
function keyFault(key: string): string | undefined {
  if (keyType(key) === undefined) return 'Keys begin with dakkio_a_, dakkio_w_ or dakkio_r_.';
  if (/[^a-z0-9]/.test(key.slice(PREFIX_LENGTH))) {
    return 'After that come letters from a to z and digits only.';
  }
  if (key.length !== KEY_LENGTH) return `Keys have ${KEY_LENGTH} characters; this one has ${key.length}.`;
  return undefined;
}

export function SignIn() {
  const input = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(sessionFailure.value);
  // It is the one thing to do on this page.
  useEffect(() => input.current?.focus(), []);
  const type = keyType(key);
  const fault = key === '' ? undefined : keyFault(key);

  const open = async (event: SubmitEvent) => {
    event.preventDefault();
    if (key === '' || fault !== undefined) return input.current?.focus();
    setBusy(true);
    try {
      await signIn(key);
    } catch (error) {
      setFailure(error);
      setBusy(false);
      input.current?.focus();
    }
  };

  return (
    <main class="sign-in">
      <form onSubmit={open}>
        <h1>Open with a key</h1>
        <label class="field">
          <span>API key</span>
          <input
            ref={input}
            type="password"
            class="code"
            autocomplete="off"
            spellcheck={false}
            placeholder="dakkio_…"
            value={key}
            aria-invalid={fault !== undefined}
            aria-describedby="key-kind"
            onInput={({ currentTarget }) => {
              setKey(currentTarget.value.trim());
              setFailure(undefined);
            }}
          />
        </label>
        <p id="key-kind" class={fault === undefined ? 'small muted' : 'small fault'} aria-live="polite">
          {fault ??
            (type === undefined
              ? 'It stays in this tab, and is forgotten when the tab is closed.'
              : KINDS[type])}
        </p>
        {failure !== undefined && <Failure error={inWords(failure)} />}
        <button type="submit" class="button primary" disabled={isBusy}>
          Open
        </button>
        <p class="small muted">
          The server printed an Admin key at its first start. Others are made under Keys, or in the{' '}
          <a href="/playground">playground</a>. Lost it? <code>dakkio keys create</code> makes another while
          the server is stopped.
        </p>
      </form>
    </main>
  );
}

function inWords(error: unknown): unknown {
  if (!(error instanceof ApiFailure) || error.status !== 401) return error;
  return new ApiFailure(
    401,
    'The server does not know this key: it was mistyped, revoked, or is of another server.',
  );
}
