import { useState } from 'preact/hooks';
import { CheckField, FormDialog, SelectField, TextField } from '../../base/form.js';
import { Icon } from '../../base/icon.js';
import type { DataSource, Field, FieldType } from '../../base/types.js';
import { Button } from '../parts.js';
import { bucketPath, type ExploreProps } from '../props.js';

export const FIELD_TYPES = [
  ['number', 'number'],
  ['string', 'text'],
  ['boolean', 'true or false'],
] as const satisfies readonly (readonly [FieldType, string])[];

interface FieldDraft {
  readonly id: number;
  readonly name: string;
  readonly type: FieldType;
  readonly unit: string;
}

let lastDraft = 0;

function newDraft(): FieldDraft {
  return { id: ++lastDraft, name: '', type: 'number', unit: '' };
}

export function NewSourceDialog(
  props: ExploreProps & {
    readonly onCreated: (source: DataSource) => void;
    readonly onClose: () => void;
  },
) {
  const { api, onCreated, onClose } = props;
  const [name, setName] = useState('');
  const [type, setType] = useState('sensor');
  const [description, setDescription] = useState('');
  const [drafts, setDrafts] = useState<readonly FieldDraft[]>(() => [newDraft()]);
  const create = async () => {
    const body = { name, type, description: description || null, schema: schemaOf(drafts) };
    const path = bucketPath(props, '/sources');
    onCreated((await api.post<{ dataSource: DataSource }>(path, body)).dataSource);
  };
  return (
    <FormDialog title="Add a source" action="Add source" onSubmit={create} onClose={onClose}>
      <TextField label="Name" value={name} onValue={setName} required lengthMax={100} />
      <TextField
        label="Type"
        value={type}
        onValue={setType}
        required
        lengthMax={100}
        hint="Such as sensor, application, service, api, webhook, manual"
      />
      <TextField label="Description" value={description} onValue={setDescription} lengthMax={2_000} />
      <fieldset class="drafts">
        <legend>Fields</legend>
        <p class="muted small">Those that you leave out are taken as they come.</p>
        {drafts.map((draft, index) => (
          <FieldRow
            key={draft.id}
            draft={draft}
            number={index + 1}
            onDraft={next => setDrafts(drafts.map(other => (other.id === draft.id ? next : other)))}
            onRemove={() => setDrafts(drafts.filter(other => other.id !== draft.id))}
          />
        ))}
        <Button icon="add" onClick={() => setDrafts([...drafts, newDraft()])}>
          Add a field
        </Button>
      </fieldset>
    </FormDialog>
  );
}

/** Rows without a name are not meant. */
function schemaOf(drafts: readonly FieldDraft[]): Record<string, Field> {
  const named = drafts.filter(({ name }) => name.trim() !== '');
  return Object.fromEntries(
    named.map(({ name, type, unit }) => [name.trim(), { type, ...(unit !== '' && { unit }) }]),
  );
}

function FieldRow(props: {
  readonly draft: FieldDraft;
  readonly number: number;
  readonly onDraft: (draft: FieldDraft) => void;
  readonly onRemove: () => void;
}) {
  const { draft, number, onDraft, onRemove } = props;
  return (
    <div class="draft">
      <input
        aria-label={`Name of field ${number}`}
        placeholder="temperature"
        value={draft.name}
        maxLength={128}
        autocomplete="off"
        onInput={event => onDraft({ ...draft, name: event.currentTarget.value })}
      />
      <select
        aria-label={`Type of field ${number}`}
        value={draft.type}
        onChange={event => onDraft({ ...draft, type: event.currentTarget.value as FieldType })}
      >
        {FIELD_TYPES.map(([type, text]) => (
          <option key={type} value={type}>
            {text}
          </option>
        ))}
      </select>
      <input
        aria-label={`Unit of field ${number}`}
        placeholder="unit"
        value={draft.unit}
        maxLength={100}
        autocomplete="off"
        onInput={event => onDraft({ ...draft, unit: event.currentTarget.value })}
      />
      <button type="button" class="icon-button" aria-label={`Leave out field ${number}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}

interface SourceDialogProps extends ExploreProps {
  readonly source: DataSource;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

export function EditSourceDialog(props: SourceDialogProps) {
  const { api, source, onSaved, onClose } = props;
  const [name, setName] = useState(source.name);
  const [type, setType] = useState(source.type);
  const [description, setDescription] = useState(source.description ?? '');
  const [downsampling, setDownsampling] = useState(source.downsampling);
  const [isArchived, setArchived] = useState(source.status === 'archived');
  const save = async () => {
    const status = isArchived ? 'archived' : 'active';
    const body = { name, type, description: description || null, downsampling, status };
    await api.patch(bucketPath(props, `/sources/${source._id}`), body);
    onSaved();
  };
  return (
    <FormDialog title="Edit source" action="Save" onSubmit={save} onClose={onClose}>
      <TextField label="Name" value={name} onValue={setName} required lengthMax={100} />
      <TextField label="Type" value={type} onValue={setType} required lengthMax={100} />
      <TextField label="Description" value={description} onValue={setDescription} lengthMax={2_000} />
      <CheckField
        label="Average long ranges where a query does not say how"
        value={downsampling}
        onValue={setDownsampling}
      />
      <CheckField
        label="Archived: it can be read, and takes no points"
        value={isArchived}
        onValue={setArchived}
      />
    </FormDialog>
  );
}

/** @param field undefined for a new one */
export function FieldDialog(
  props: SourceDialogProps & { readonly field?: { readonly name: string } & Field },
) {
  const { api, source, field, onSaved, onClose } = props;
  const [name, setName] = useState(field?.name ?? '');
  const [type, setType] = useState<FieldType>(field?.type ?? 'number');
  const [unit, setUnit] = useState(field?.unit ?? '');
  const [description, setDescription] = useState(field?.description ?? '');
  const save = async () => {
    const declared = { type, ...(unit !== '' && { unit }), ...(description !== '' && { description }) };
    const schema = Object.fromEntries([[name, declared]]);
    await api.patch(bucketPath(props, `/sources/${source._id}`), { schema });
    onSaved();
  };
  const isNew = field === undefined;
  return (
    <FormDialog
      title={isNew ? 'Add a field' : 'Edit field'}
      action={isNew ? 'Add field' : 'Save'}
      onSubmit={save}
      onClose={onClose}
    >
      <TextField
        label="Name"
        value={name}
        onValue={setName}
        required
        lengthMax={128}
        disabled={!isNew}
        hint={isNew ? undefined : 'Name and type of a field never change.'}
      />
      <SelectField label="Type" value={type} options={FIELD_TYPES} onValue={setType} disabled={!isNew} />
      <TextField label="Unit" value={unit} onValue={setUnit} lengthMax={100} hint="Such as °C, %, hPa" />
      <TextField label="Description" value={description} onValue={setDescription} lengthMax={2_000} />
    </FormDialog>
  );
}
