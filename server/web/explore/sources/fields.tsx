import { useState } from 'preact/hooks';
import { fieldsOf, type NamedField, typesOf } from '../../base/fields.js';
import type { Value } from '../../base/types.js';
import type { ListedSource } from '../answers.js';
import { Button, Table } from '../parts.js';
import { type ExploreProps, mayWrite } from '../props.js';
import { FIELD_TYPES, FieldDialog } from './source-form.js';
import { readingText } from './source-list.js';

export function Fields(
  props: ExploreProps & {
    readonly source: ListedSource;
    readonly values: Readonly<Record<string, Value>>;
    readonly onSaved: () => void;
  },
) {
  const { source, values } = props;
  const [open, setOpen] = useState<{ readonly field?: NamedField }>();
  const isWriter = mayWrite(props);
  const fields = fieldsOf(source.schema, typesOf(values));
  return (
    <section class="part" aria-labelledby="fields">
      <header class="view-header">
        <h2 id="fields">Fields</h2>
        {isWriter && (
          <Button icon="add" onClick={() => setOpen({})}>
            Add field
          </Button>
        )}
      </header>
      {fields.length === 0 && (
        <p class="muted">None yet. The first point brings its fields, or declare them here.</p>
      )}
      {fields.length > 0 && (
        <Table name="Fields">
          <thead>
            <tr>
              <th>Name</th>
              <th>Type</th>
              <th>Unit</th>
              <th class="number">Last value</th>
              <th class="wide-only">Description</th>
              {isWriter && <th aria-label="Actions" />}
            </tr>
          </thead>
          <tbody>
            {fields.map(field => (
              <FieldRow
                key={field.name}
                field={field}
                value={values[field.name]}
                onEdit={isWriter ? () => setOpen({ field }) : undefined}
              />
            ))}
          </tbody>
        </Table>
      )}
      {open !== undefined && <FieldDialog {...props} field={open.field} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function FieldRow(props: {
  readonly field: NamedField;
  readonly value: Value | undefined;
  readonly onEdit?: () => void;
}) {
  const { field, value, onEdit } = props;
  const { name, type, unit, description, isDeclared } = field;
  return (
    <tr>
      <td>
        <code>{name}</code>
        {!isDeclared && <div class="muted small">not declared</div>}
      </td>
      <td>{FIELD_TYPES.find(([known]) => known === type)?.[1]}</td>
      <td>{unit ?? ''}</td>
      <td class="number reading">{value === undefined ? '–' : readingText(value, undefined)}</td>
      <td class="wide-only">{description ?? ''}</td>
      {onEdit !== undefined && (
        <td class="number">
          <Button label={`Edit field ${name}`} onClick={onEdit}>
            Edit
          </Button>
        </td>
      )}
    </tr>
  );
}
