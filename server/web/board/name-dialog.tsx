import { useEffect, useRef, useState } from 'preact/hooks';
import { Dialog } from '../base/dialog.js';
import { DialogForm } from '../base/form.js';

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
  useEffect(() => input.current?.select(), []);
  const send = async () => {
    if (name.trim() === '') return input.current?.focus();
    await onName(name.trim());
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogForm action={action} onSubmit={send} onClose={onClose}>
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
      </DialogForm>
    </Dialog>
  );
}
