/** Forms in dialogs: what the server refuses is told in them, and they stay. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Dialog } from './dialog.js';
import { Failure } from './failure.js';

interface FormProps {
  /** What the button does. */
  readonly action: string;
  readonly isDanger?: boolean;
  readonly children: ComponentChildren;
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
}

/** The dialog is closed where what is submitted resolves. */
export function FormDialog(props: FormProps & { readonly title: string }) {
  const { title, onSubmit, onClose } = props;
  const submit = async () => {
    await onSubmit();
    onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogForm {...props} onSubmit={submit} />
    </Dialog>
  );
}

/** Within a dialog, which it leaves open. */
export function DialogForm({ action, isDanger = false, children, onSubmit, onClose }: FormProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit();
    } catch (error) {
      setError(error);
    }
    setBusy(false);
  };
  return (
    <form class="dialog-form" onSubmit={submit}>
      {children}
      {error !== undefined && <Failure error={error} />}
      <footer>
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class={`button ${isDanger ? 'danger' : 'primary'}`} disabled={isBusy}>
          {action}
        </button>
      </footer>
    </form>
  );
}

export function TextField(props: {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string;
  readonly required?: boolean;
  readonly type?: 'text' | 'url' | 'number';
  readonly lengthMax?: number;
  readonly min?: number;
  readonly max?: number;
  readonly disabled?: boolean;
}) {
  const { label, value, onValue, hint, required, type = 'text', lengthMax, min, max, disabled } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <input
        // The three take the same attributes.
        type={type as 'text'}
        value={value}
        required={required}
        maxLength={lengthMax}
        min={min}
        max={max}
        disabled={disabled}
        autocomplete="off"
        onInput={event => onValue(event.currentTarget.value)}
      />
      {hint !== undefined && <span>{hint}</span>}
    </label>
  );
}

export function SelectField<Option extends string>(props: {
  readonly label: string;
  readonly value: Option;
  readonly options: readonly (readonly [value: Option, name: string])[];
  readonly onValue: (value: Option) => void;
  readonly disabled?: boolean;
}) {
  const { label, value, options, onValue, disabled } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value}
        disabled={disabled}
        onChange={event => onValue(event.currentTarget.value as Option)}
      >
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function CheckField(props: {
  readonly label: string;
  readonly value: boolean;
  readonly onValue: (value: boolean) => void;
}) {
  return (
    <label class="check-field">
      <input
        type="checkbox"
        checked={props.value}
        onChange={event => props.onValue(event.currentTarget.checked)}
      />
      <span>{props.label}</span>
    </label>
  );
}
