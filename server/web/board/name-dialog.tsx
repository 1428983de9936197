import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../base/dialog.js';
import { Failure } from '../base/failure.js';

/** Asks for the name of something. Whoever takes the name closes it. */
export function NameDialog(props: {
  readonly title: string;
  readonly name: string;
  readonly action: string;
  readonly onName: (name: string) => Promise<void>;
  readonly onClose: () => void;
}) {
  const { title, action, onName, onClose } = props;
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(props.name);
  const [failure, setFailure] = useState<unknown>(undefined);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => input.current?.select(), []);
  const send = async (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() === '') return input.current?.focus();
    if (isBusy) return;
    setBusy(true);
    try {
      await onName(name.trim());
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={send}>
        <label class="field">
          <span>Name</span>
          <input
            ref={input}
            required
            maxLength={100}
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        {failure !== undefined && <Failure error={failure} />}
        <footer>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
