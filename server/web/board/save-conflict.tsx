import { useState } from 'preact/hooks';
import { Dialog } from '../base/dialog.js';
import { Failure } from '../base/failure.js';
import { isSaving, openTheirs, replaceTheirs } from './dashboard-actions.js';
import type { Dashboard } from './saved.js';

/** Two have changed one dashboard: whoever comes second decides, knowing of it. */
export function SaveConflict(props: {
  readonly saved: Dashboard;
  /** That yours shall have. */
  readonly name: string;
  readonly onSaveAs: () => void;
  readonly onClose: () => void;
}) {
  const { saved, name, onSaveAs, onClose } = props;
  const [failure, setFailure] = useState<unknown>(undefined);
  const attempt = async (act: () => Promise<void>) => {
    if (isSaving.peek()) return;
    try {
      await act();
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };
  const overwrite = () => attempt(() => replaceTheirs(saved, name));
  const take = () => attempt(() => openTheirs(saved));
  return (
    <Dialog title="Changed by another" onClose={onClose}>
      <p>
        Somebody has saved {saved.name} since you opened it. Keep yours beside it, open theirs, or replace
        theirs with yours.
      </p>
      {failure !== undefined && <Failure error={failure} />}
      <footer>
        <button
          type="button"
          class="button danger"
          disabled={isSaving.value}
          onClick={() => void overwrite()}
        >
          Replace theirs
        </button>
        <button type="button" class="button" disabled={isSaving.value} onClick={() => void take()}>
          Open theirs
        </button>
        <button type="button" class="button primary" onClick={onSaveAs}>
          Save mine as…
        </button>
      </footer>
    </Dialog>
  );
}
