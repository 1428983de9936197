import { useState } from 'preact/hooks';
import { Dialog } from '../base/dialog.js';
import { Failure } from '../base/failure.js';
import { notice } from '../base/notices.js';
import { boardBody, openDashboard } from './board.js';
import { type Dashboard, loadDashboard, updateDashboard } from './saved.js';

/** Two have changed one dashboard: whoever comes second decides, knowing of it. */
export function SaveConflict(props: {
  readonly saved: Dashboard;
  readonly onSaveAs: () => void;
  readonly onClose: () => void;
}) {
  const { saved, onSaveAs, onClose } = props;
  const [failure, setFailure] = useState<unknown>(undefined);
  const attempt = async (act: () => Promise<Dashboard>, done: string) => {
    try {
      openDashboard(await act());
      notice(done);
      onClose();
    } catch (error) {
      setFailure(error);
    }
  };
  const overwrite = () => attempt(() => updateDashboard(saved, boardBody(saved.name)), 'Saved');
  const take = () => attempt(() => loadDashboard(saved._id), 'Opened as it is saved');
  return (
    <Dialog title="Changed by another" onClose={onClose}>
      <p>
        Somebody has saved {saved.name} since you opened it. Keep yours beside it, open theirs, or replace
        theirs with yours.
      </p>
      {failure !== undefined && <Failure error={failure} />}
      <footer>
        <button type="button" class="button danger" onClick={() => void overwrite()}>
          Replace theirs
        </button>
        <button type="button" class="button" onClick={() => void take()}>
          Open theirs
        </button>
        <button type="button" class="button primary" onClick={onSaveAs}>
          Save mine as…
        </button>
      </footer>
    </Dialog>
  );
}
