import { Dialog } from '../base/dialog.js';
import { Icon } from '../base/icon.js';
import { copy } from '../base/notices.js';

/** A secret that the server tells once: it is gone when the dialog is closed. */
export function SecretDialog(props: {
  readonly title: string;
  readonly what: string;
  readonly secret: string;
  readonly note: string;
  readonly onClose: () => void;
}) {
  const { title, what, secret, note, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose} isSticky>
      <p>{note}</p>
      <div class="secret">
        <code>{secret}</code>
        <button type="button" class="button" onClick={() => copy(secret, what)}>
          <Icon name="copy" />
          Copy
        </button>
      </div>
      <footer>
        <button type="button" class="button primary" onClick={onClose}>
          I have kept it
        </button>
      </footer>
    </Dialog>
  );
}
