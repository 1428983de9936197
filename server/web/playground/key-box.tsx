/** The key of this tab: shown masked at the top, given and changed in a dialog. */
import { signal, useSignal } from '@preact/signals';
import { ApiFailure } from '../base/api.js';
import { Dialog } from '../base/dialog.js';
import { Failure } from '../base/failure.js';
import { Icon } from '../base/icon.js';
import { currentKey, keepKey, keyType, maskedKey } from '../base/keys.js';
import { currentKept, forgetKey, introduce, type KeptKey, keptKeys, keyFault } from './key-ring.js';

const isOpen = signal(false);

export function openKeys(): void {
  isOpen.value = true;
}

export function KeyBox() {
  const key = currentKey.value;
  const close = () => {
    isOpen.value = false;
  };
  return (
    <>
      <button type="button" class="button key-button" onClick={openKeys}>
        <Icon name="key" />
        {key === '' ? <span>Enter a key</span> : <KeyText value={key} />}
      </button>
      {isOpen.value && <KeyDialog onClose={close} />}
    </>
  );
}

function KeyText({ value }: { readonly value: string }) {
  const bucket = currentKept.value?.bucket;
  return (
    <>
      <code>{maskedKey(value)}</code>
      <span class="muted kind">
        {keyType(value)}
        {bucket && ` · ${bucket.name}`}
      </span>
    </>
  );
}

function KeyDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys of this tab" onClose={onClose}>
      {keptKeys.value.length > 0 && (
        <ul class="keys">
          {keptKeys.value.map(kept => (
            <KeyRow key={kept.id} kept={kept} />
          ))}
        </ul>
      )}
      <KeyForm onKept={onClose} />
      <p class="muted small">
        Keys stay in this tab, and are gone when it is closed. The first start of the server prints an Admin
        key; <code>dakkio keys create</code> makes another while it is stopped.
      </p>
    </Dialog>
  );
}

function KeyRow({ kept }: { readonly kept: KeptKey }) {
  const { key, id, name, bucket } = kept;
  return (
    <li>
      <label>
        <input type="radio" name="key" checked={key === currentKey.value} onChange={() => keepKey(key)} />
        <span class="who">
          <span>{name}</span>
          <span class="muted small">
            {keyType(key)} · {bucket === null ? 'all buckets' : bucket.name}
          </span>
        </span>
        <code>{maskedKey(key)}</code>
      </label>
      <button type="button" class="icon-button" aria-label={`Forget ${name}`} onClick={() => forgetKey(id)}>
        <Icon name="close" />
      </button>
    </li>
  );
}

function KeyForm({ onKept }: { readonly onKept: () => void }) {
  const text = useSignal('');
  const error = useSignal<unknown>(undefined);
  const fault = text.value === '' ? undefined : keyFault(text.value);
  const keep = async (event: Event) => {
    event.preventDefault();
    error.value = undefined;
    try {
      keepKey((await introduce(text.value)).key);
      onKept();
    } catch (reason) {
      error.value =
        reason instanceof ApiFailure && reason.status === 401
          ? new Error('The server does not know this key: it was deleted, or is of another server.')
          : reason;
    }
  };
  return (
    <form class="key-form" onSubmit={keep}>
      <label class="field">
        <span>{keptKeys.value.length === 0 ? 'Key' : 'Another key'}</span>
        <input
          type="password"
          class="code"
          autocomplete="off"
          spellcheck={false}
          placeholder="dakkio_a_…"
          value={text.value}
          aria-invalid={fault !== undefined}
          aria-describedby="key-fault"
          onInput={event => {
            text.value = event.currentTarget.value.trim();
            error.value = undefined;
          }}
        />
      </label>
      <button type="submit" class="button primary" disabled={text.value === '' || fault !== undefined}>
        Use
      </button>
      <p id="key-fault" class="small note" aria-live="polite">
        {fault ?? (text.value === '' ? '' : `${kindName(text.value)} key`)}
      </p>
      {error.value !== undefined && <Failure error={error.value} />}
    </form>
  );
}

function kindName(key: string): string {
  const type = keyType(key) ?? '';
  return (type[0] ?? '').toUpperCase() + type.slice(1);
}
