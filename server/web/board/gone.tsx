import type { Panel } from './panel.js';
import { goneText } from './panels.js';
import { mayWrite } from './session.js';
import { knownById } from './sources.js';

/** Says that a panel was made for sources that are not there any more. */
export function Gone({ panel, onEdit }: { readonly panel: Panel; readonly onEdit: () => void }) {
  const text = goneText(panel, knownById.value);
  if (text === undefined) return null;
  return (
    <p class="gone small muted">
      {text}
      {mayWrite.value && (
        <button type="button" class="button" onClick={onEdit}>
          Choose others
        </button>
      )}
    </p>
  );
}
