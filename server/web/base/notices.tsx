/** Short words about what was just done, read aloud, too. What went wrong is told where it arose, not here. */
import { signal } from '@preact/signals';

const SHOWN_MS = 4_000;

const shown = signal<readonly { readonly id: number; readonly text: string }[]>([]);
let lastId = 0;

export function notice(text: string): void {
  const id = ++lastId;
  shown.value = [...shown.value, { id, text }];
  setTimeout(() => {
    shown.value = shown.value.filter(one => one.id !== id);
  }, SHOWN_MS);
}

export function Notices() {
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown.value.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}

export async function copy(text: string, what: string): Promise<void> {
  const isCopied = await write(text);
  notice(isCopied ? `${what} copied` : `The browser does not let this page copy; select the text instead`);
}

/** Pages that come by plain HTTP from another machine have no clipboard. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
