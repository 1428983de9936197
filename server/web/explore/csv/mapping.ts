/** What becomes of the columns of a CSV file. */
import type { Field, FieldType, Value } from '../../base/types.js';
import { cellTime, cellValue, type TimeForm, timeFormOf, typeOfCells } from './cells.js';
import type { CsvRecord } from './records.js';

export type ColumnUse =
  | { readonly kind: 'time'; readonly form: TimeForm }
  | { readonly kind: 'field'; readonly name: string; readonly type: FieldType; readonly unit?: string }
  | { readonly kind: 'none' };

export interface Mapping {
  /** One a column of the file. */
  readonly columns: readonly ColumnUse[];
  /** Whether fractions of numbers begin with a comma. */
  readonly hasComma: boolean;
}

export interface Row {
  readonly line: number;
  readonly timestamp: string | number;
  readonly values: Readonly<Record<string, Value>>;
}

export interface RefusedLine {
  readonly line: number;
  readonly reason: string;
}

const TIME_NAME =
  /^(?:time(?:[ _-]?stamp)?|date(?:[ _-]?time)?|ts|when|zeit(?:punkt)?|datum|(?:created|recorded|measured)[ _-]?at)\b/i;
/** Of the cells of a column that says it has times. */
const NAMED_SHARE_MIN = 0.5;
const NAME_WITH_UNIT = /^(.+?)\s*[([]([^()[\]]{1,20})[)\]]$/;
const NAME_CHARACTERS_MAX = 128;

/**
 * A first guess, by names and by cells.
 * @param fields that the source has, which columns of like names go to
 */
export function guessMapping(
  header: readonly string[],
  records: readonly CsvRecord[],
  fields: Readonly<Record<string, Field>>,
  separator: string,
): Mapping {
  const cellsOf = (index: number) => records.map(({ cells }) => cells[index] ?? '');
  const hasComma = separator !== ',' && hasCommaFractions(records);
  const time = guessTime(header, cellsOf);
  const known = new Map(Object.keys(fields).map(name => [plainName(name), name]));
  const taken = new Set<string>();
  const columns = header.map((title, index): ColumnUse => {
    if (index === time?.index) return { kind: 'time', form: time.form };
    const { name, unit } = readTitle(title, index);
    const fieldName = known.get(plainName(title)) ?? known.get(plainName(name)) ?? name;
    if (taken.has(fieldName)) return { kind: 'none' };
    taken.add(fieldName);
    const field = Object.hasOwn(fields, fieldName) ? fields[fieldName] : undefined;
    const type = field?.type ?? typeOfCells(cellsOf(index), hasComma);
    return {
      kind: 'field',
      name: fieldName,
      type,
      ...(field === undefined && unit !== undefined && { unit }),
    };
  });
  return { columns, hasComma };
}

/** The columns of a mapping, to be given to the server's schema where it has them not. */
export function newFields(mapping: Mapping, fields: Readonly<Record<string, Field>>): Record<string, Field> {
  const found: [string, Field][] = [];
  for (const use of mapping.columns) {
    if (use.kind !== 'field' || Object.hasOwn(fields, use.name)) continue;
    found.push([use.name, { type: use.type, ...(use.unit !== undefined && { unit: use.unit }) }]);
  }
  return Object.fromEntries(found);
}

/** Why nothing can be sent with a mapping; undefined where it can. */
export function mappingFault({ columns }: Mapping): string | undefined {
  const names = columns.flatMap(use => (use.kind === 'field' ? [use.name] : []));
  if (!columns.some(({ kind }) => kind === 'time')) return 'Say which column has the times';
  if (names.length === 0) return 'Say which column becomes a field';
  if (names.includes('')) return 'A field needs a name';
  if (names.some(name => name.length > NAME_CHARACTERS_MAX))
    return 'Names of fields have at most 128 characters';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `Two columns go to the field ${twice}`;
}

/** A record as a point, or why it is none. */
export function readRow({ line, cells, fault }: CsvRecord, mapping: Mapping): Row | RefusedLine {
  const { columns, hasComma } = mapping;
  if (fault !== undefined) return { line, reason: fault };
  if (cells.length !== columns.length) {
    return { line, reason: `${cells.length} cells where the header has ${columns.length}` };
  }
  let timestamp: string | number | undefined;
  const values: [string, Value][] = [];
  for (const [index, use] of columns.entries()) {
    const cell = cells[index];
    if (use.kind === 'time') {
      timestamp = cellTime(cell, use.form);
      if (timestamp === undefined) return { line, reason: `${quoted(cell)} is no ${TIME_WORDS[use.form]}` };
    } else if (use.kind === 'field' && cell.trim() !== '') {
      const value = cellValue(cell, use.type, hasComma);
      if (value === undefined) return { line, reason: `${use.name}: ${quoted(cell)} is no ${use.type}` };
      values.push([use.name, value]);
    }
  }
  if (values.length === 0) return { line, reason: 'No values' };
  // fromEntries defines members, where an assignment to `__proto__` would not.
  return { line, timestamp: timestamp as string | number, values: Object.fromEntries(values) };
}

const TIME_WORDS: Readonly<Record<TimeForm, string>> = {
  iso: 'time of ISO 8601',
  seconds: 'number of seconds',
  milliseconds: 'number of milliseconds',
};

const CELL_CHARACTERS_SHOWN = 40;

function quoted(cell: string): string {
  const text = cell.length <= CELL_CHARACTERS_SHOWN ? cell : `${cell.slice(0, CELL_CHARACTERS_SHOWN)}…`;
  return `“${text}”`;
}

function guessTime(header: readonly string[], cellsOf: (index: number) => string[]) {
  let best: { index: number; form: TimeForm; score: number } | undefined;
  for (const [index, title] of header.entries()) {
    const isNamed = TIME_NAME.test(title.trim());
    const form = timeFormOf(cellsOf(index), isNamed ? NAMED_SHARE_MIN : undefined);
    if (form === undefined) continue;
    const score = (isNamed ? 2 : 0) + (form === 'iso' ? 1 : 0);
    if (best === undefined || score > best.score) best = { index, form, score };
  }
  return best;
}

/** Some cell has one comma between digits, and none a point. */
function hasCommaFractions(records: readonly CsvRecord[]): boolean {
  const cells = records.flatMap(({ cells }) => cells.map(cell => cell.trim()));
  return cells.some(cell => /^[+-]?\d+,\d+$/.test(cell)) && !cells.some(cell => /^[+-]?\d+\.\d+$/.test(cell));
}

/** `temperature (°C)` → a name and a unit. */
function readTitle(title: string, index: number): { name: string; unit?: string } {
  const text = title.trim();
  if (text === '') return { name: `column ${index + 1}` };
  const [, name, unit] = NAME_WITH_UNIT.exec(text) ?? [];
  return name === undefined ? { name: text } : { name, unit };
}

/** As rules find fields: without regard to case, spaces, `_` and `-`. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
