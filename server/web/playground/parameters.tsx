/** Fields of the path, the query and the headers. */
import { useId } from 'preact/hooks';
import type { Operation, Parameter } from './document.js';
import { pathFault, type ShownForm } from './form.js';
import { type KnownId, MAKERS } from './ids.js';
import { changeForm, ids, operationAt, typed } from './state.js';

export function Parameters({ operation, form }: { readonly operation: Operation; readonly form: ShownForm }) {
  if (operation.parameters.length === 0) return null;
  return (
    <div class="parameters">
      {operation.parameters.map(parameter => (
        <Field
          key={`${operation.id} ${parameter.name}`}
          operation={operation}
          parameter={parameter}
          value={form.values[parameter.name]}
        />
      ))}
    </div>
  );
}

interface FieldProps {
  readonly operation: Operation;
  readonly parameter: Parameter;
  readonly value: string;
}

function Field({ operation, parameter, value }: FieldProps) {
  const id = useId();
  const { name, place, description, isRequired, kind } = parameter;
  const change = (text: string) => {
    const values = typed.value[operation.id]?.values;
    changeForm(operation.id, { values: { ...values, [name]: text } });
  };
  return (
    <div class="field parameter">
      <label for={id}>
        <code>{name}</code> {place}
        {isRequired ? ', needed' : ''}
      </label>
      {parameter.choices === undefined ? (
        <TextField id={id} parameter={parameter} value={value} onChange={change} />
      ) : (
        <Choice id={id} parameter={parameter} value={value} onChange={change} />
      )}
      <p class="small muted" id={`${id}-note`}>
        {description}
        {kind !== 'text' && kind !== 'id' && ` · ${kind}`}
        <Origin name={name} value={value} />
        <MissingNote parameter={parameter} value={value} />
      </p>
    </div>
  );
}

interface InputProps {
  readonly id: string;
  readonly parameter: Parameter;
  readonly value: string;
  readonly onChange: (text: string) => void;
}

function TextField({ id, parameter, value, onChange }: InputProps) {
  const { name, fallback, kind } = parameter;
  const known = ids.value[name] ?? [];
  return (
    <>
      <input
        id={id}
        class={kind === 'id' || name in MAKERS ? 'code' : undefined}
        value={value}
        list={known.length > 1 ? `${id}-known` : undefined}
        placeholder={fallback}
        spellcheck={false}
        autocomplete="off"
        aria-describedby={`${id}-note`}
        aria-invalid={pathFault(parameter, value) !== undefined && value !== ''}
        onInput={event => onChange(event.currentTarget.value)}
      />
      {known.length > 1 && (
        <datalist id={`${id}-known`}>
          {known.map(one => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}

function Choice({ id, parameter, value, onChange }: InputProps) {
  const { choices = [], fallback } = parameter;
  return (
    <select
      id={id}
      value={value}
      aria-describedby={`${id}-note`}
      onChange={event => onChange(event.currentTarget.value)}
    >
      <option value="">{fallback === undefined ? '–' : `${fallback} (default)`}</option>
      {choices.map(choice => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

/** Where an id comes from that nobody typed. */
function Origin({ name, value }: { readonly name: string; readonly value: string }) {
  const known = ids.value[name]?.find(({ id }) => id === value);
  return known === undefined ? null : <> · {originText(known)}</>;
}

export function originText({ name, source }: KnownId): string {
  return name === '' ? `from ${source}` : `“${name}”, from ${source}`;
}

function MissingNote({ parameter, value }: { readonly parameter: Parameter; readonly value: string }) {
  const fault = pathFault(parameter, value);
  if (fault === undefined) return null;
  const maker = operationAt(MAKERS[parameter.name] ?? '');
  return (
    <>
      {' · '}
      {maker === undefined || value !== '' ? fault : <a href={`#${maker.id}`}>{maker.summary}</a>}
    </>
  );
}
