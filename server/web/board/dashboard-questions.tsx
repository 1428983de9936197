import { Confirm } from '../base/dialog.js';
import { type Ask, type Question, remove, rename, saveAs } from './dashboard-actions.js';
import { NameDialog } from './name-dialog.js';
import { SaveConflict } from './save-conflict.js';
import { savedDashboard } from './saved.js';
import { currentBucket } from './session.js';

/** The dialog of whatever has to be asked about the dashboard that is shown. */
export function DashboardQuestions(props: {
  readonly question: Question | undefined;
  /** That was asked for last, where the question arose of it. */
  readonly name: string | undefined;
  readonly ask: Ask;
}) {
  const { question, ask } = props;
  const saved = savedDashboard.value;
  const bucket = currentBucket.value;
  const end = () => ask(undefined);
  if (bucket === undefined) return null;
  const name = props.name ?? saved?.name ?? '';
  if (question === 'save-as') {
    const keep = async (chosen: string) => {
      await saveAs(bucket._id, chosen);
      end();
    };
    return <NameDialog title="Save as" name={name} action="Save" onName={keep} onClose={end} />;
  }
  if (saved === undefined) return null;
  if (question === 'rename') {
    const change = (chosen: string) => rename(saved, chosen, ask);
    return <NameDialog title="Rename" name={name} action="Rename" onName={change} onClose={end} />;
  }
  if (question === 'delete') return <Deletion onClose={end} />;
  return question === 'conflict' ? (
    <SaveConflict saved={saved} name={name} onSaveAs={() => ask('save-as', name)} onClose={end} />
  ) : null;
}

function Deletion({ onClose }: { readonly onClose: () => void }) {
  const saved = savedDashboard.value;
  if (saved === undefined) return null;
  return (
    <Confirm
      title={`Delete ${saved.name}?`}
      text="Its panels are gone for everybody. The data stays."
      action="Delete dashboard"
      onConfirm={() => {
        onClose();
        void remove(saved);
      }}
      onClose={onClose}
    />
  );
}
