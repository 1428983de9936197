import { useState } from 'preact/hooks';
import { Failure } from '../../base/failure.js';
import { CheckField, SelectField } from '../../base/form.js';
import { bytesText } from '../../base/format.js';
import type { Field, FieldType } from '../../base/types.js';
import { Button, Table } from '../parts.js';
import { FIELD_TYPES } from '../sources/source-form.js';
import { readingText } from '../sources/source-list.js';
import { TIME_FORMS } from './cells.js';
import { type ColumnUse, mappingFault, readRow } from './mapping.js';
import { type OpenedFile, openFile } from './opened-file.js';

const ROWS_SHOWN = 5;
const CELLS_SHOWN = 3;

const SEPARATOR_NAMES = [
  [',', 'comma'],
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'bar'],
] as const;

const TIME_NAMES = {
  iso: 'Time, as 2024-01-15 10:30:00',
  seconds: 'Time, seconds since 1970',
  milliseconds: 'Time, milliseconds since 1970',
} as const;

/** What becomes of the columns, and how the first rows would be stored. */
export function MappingForm(props: {
  readonly opened: OpenedFile;
  readonly fields: Readonly<Record<string, Field>>;
  readonly onOpened: (opened: OpenedFile) => void;
  readonly onSend: () => void;
  readonly onCancel: () => void;
}) {
  const { opened, fields, onOpened, onSend, onCancel } = props;
  const { file, separator, header, mapping } = opened;
  const [error, setError] = useState<unknown>();
  const fault = mappingFault(mapping);
  const reopen = (separator: string) => openFile(file, fields, separator).then(onOpened, setError);
  const setUse = (index: number, use: ColumnUse) => {
    const columns = mapping.columns.map((other, at) => {
      if (at === index) return use;
      // There is one column of times.
      return use.kind === 'time' && other.kind === 'time' ? ({ kind: 'none' } as const) : other;
    });
    onOpened({ ...opened, mapping: { ...mapping, columns } });
  };
  return (
    <div class="mapping">
      <p>
        <strong>{file.name}</strong> <span class="muted">{bytesText(file.size)}</span>
      </p>
      {error !== undefined && <Failure error={error} />}
      <div class="mapping-options">
        <SelectField label="Between the cells" value={separator} options={SEPARATOR_NAMES} onValue={reopen} />
        <CheckField
          label="Fractions begin with a comma (21,5)"
          value={mapping.hasComma}
          onValue={hasComma => onOpened({ ...opened, mapping: { ...mapping, hasComma } })}
        />
      </div>
      <Table name="Columns of the file">
        <thead>
          <tr>
            <th>Column</th>
            <th class="wide-only">First cells</th>
            <th>Becomes</th>
            <th>Field</th>
          </tr>
        </thead>
        <tbody>
          {header.map((title, index) => (
            <ColumnRow
              key={index}
              title={title || `column ${index + 1}`}
              cells={opened.records.slice(0, CELLS_SHOWN).map(({ cells }) => cells[index] ?? '')}
              use={mapping.columns[index]}
              fields={fields}
              onUse={use => setUse(index, use)}
            />
          ))}
        </tbody>
      </Table>
      <Preview opened={opened} />
      {fault !== undefined && <p class="fault">{fault}</p>}
      <div class="actions">
        <Button kind="primary" icon="upload" disabled={fault !== undefined} onClick={onSend}>
          Upload
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </div>
  );
}

function ColumnRow(props: {
  readonly title: string;
  readonly cells: readonly string[];
  readonly use: ColumnUse;
  readonly fields: Readonly<Record<string, Field>>;
  readonly onUse: (use: ColumnUse) => void;
}) {
  const { title, cells, use, fields, onUse } = props;
  const choice = use.kind === 'time' ? use.form : use.kind === 'field' ? use.type : 'none';
  const fieldName = use.kind === 'field' ? use.name : title.trim();
  const choose = (value: string) => {
    const form = TIME_FORMS.find(form => form === value);
    if (form !== undefined) onUse({ kind: 'time', form });
    else if (value === 'none') onUse({ kind: 'none' });
    else onUse({ kind: 'field', name: fieldName, type: value as FieldType });
  };
  const rename = (name: string) => {
    if (use.kind !== 'field') return;
    // A field that is there keeps its type.
    const type = Object.hasOwn(fields, name) ? fields[name].type : use.type;
    onUse({ ...use, name, type });
  };
  const isKnown = use.kind === 'field' && Object.hasOwn(fields, use.name);
  return (
    <tr>
      <td>
        <code>{title}</code>
      </td>
      <td class="wide-only muted small cells">{cells.join(' · ')}</td>
      <td>
        <select
          aria-label={`What ${title} becomes`}
          value={choice}
          onChange={event => choose(event.currentTarget.value)}
        >
          {TIME_FORMS.map(form => (
            <option key={form} value={form}>
              {TIME_NAMES[form]}
            </option>
          ))}
          {FIELD_TYPES.map(([type, name]) => (
            <option key={type} value={type} disabled={isKnown && type !== choice}>
              Field, {name}
            </option>
          ))}
          <option value="none">Left out</option>
        </select>
      </td>
      <td>
        {use.kind === 'field' && (
          <input
            aria-label={`Field of ${title}`}
            value={use.name}
            maxLength={128}
            autocomplete="off"
            onInput={event => rename(event.currentTarget.value)}
          />
        )}
      </td>
    </tr>
  );
}

/** The first rows, as they would be stored. */
function Preview({ opened }: { readonly opened: OpenedFile }) {
  const { records, mapping } = opened;
  const names = mapping.columns.flatMap(use => (use.kind === 'field' ? [use.name] : []));
  const hasTime = mapping.columns.some(({ kind }) => kind === 'time');
  if (names.length === 0 || !hasTime) return null;
  return (
    <>
      <h3>First rows, as they would be stored</h3>
      <Table name="First rows">
        <thead>
          <tr>
            <th>Line</th>
            <th>Time</th>
            {names.map((name, index) => (
              <th key={index}>{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.slice(0, ROWS_SHOWN).map(record => (
            <PreviewRow key={record.line} row={readRow(record, mapping)} names={names} />
          ))}
        </tbody>
      </Table>
    </>
  );
}

function PreviewRow({
  row,
  names,
}: {
  readonly row: ReturnType<typeof readRow>;
  readonly names: readonly string[];
}) {
  if ('reason' in row) {
    return (
      <tr>
        <td>{row.line}</td>
        <td colSpan={names.length + 1} class="fault">
          {row.reason}
        </td>
      </tr>
    );
  }
  const time = typeof row.timestamp === 'number' ? new Date(row.timestamp).toISOString() : row.timestamp;
  return (
    <tr>
      <td>{row.line}</td>
      <td class="reading">{time}</td>
      {names.map((name, index) => (
        <td key={index}>{Object.hasOwn(row.values, name) ? readingText(row.values[name], undefined) : ''}</td>
      ))}
    </tr>
  );
}
