/** Keys of the page, and what they do. */
import { signal } from '@preact/signals';
import { Dialog } from '../base/dialog.js';
import { SEARCH_ID } from './navigation.js';
import { sendShown } from './operation-view.js';
import { isTour, operation, operations } from './state.js';

const isOpen = signal(false);

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl ↵ or ⌘ ↵', 'Send what is shown'],
  ['/', 'Search endpoints'],
  ['j, k', 'Next and previous endpoint'],
  ['Esc', 'Out of a field, a search or a dialog'],
  ['?', 'These keys'],
];

export function Shortcuts() {
  if (!isOpen.value) return null;
  return (
    <Dialog
      title="Keys"
      onClose={() => {
        isOpen.value = false;
      }}
    >
      <dl class="shortcuts">
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export function listenToKeys(): void {
  addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (isTour.value || isInDialog()) return;
      event.preventDefault();
      void sendShown();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isInDialog()) return;
    const field = isField(event.target) ? event.target : undefined;
    if (field !== undefined) {
      if (event.key === 'Escape') field.blur();
      return;
    }
    if (act(event.key)) event.preventDefault();
  });
}

function act(key: string): boolean {
  switch (key) {
    case '/':
      document.getElementById(SEARCH_ID)?.focus();
      return true;
    case '?':
      isOpen.value = true;
      return true;
    case 'j':
      return go(1);
    case 'k':
      return go(-1);
    default:
      return false;
  }
}

function go(step: 1 | -1): boolean {
  const index = operations.value.findIndex(({ id }) => id === operation.value?.id);
  const next = operations.value[index + step];
  if (next !== undefined) location.hash = next.id;
  return next !== undefined;
}

function isInDialog(): boolean {
  return document.querySelector('dialog[open]') !== null;
}

function isField(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}
