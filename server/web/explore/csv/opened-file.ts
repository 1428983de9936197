import type { Field } from '../../base/types.js';
import { readBeginning } from './file.js';
import { guessMapping, type Mapping } from './mapping.js';
import { CsvReader, type CsvRecord } from './records.js';
import { guessSeparator } from './separator.js';

/** A CSV file of which the beginning was looked at. */
export interface OpenedFile {
  readonly file: File;
  readonly separator: string;
  readonly header: readonly string[];
  /** The first of those below the header. */
  readonly records: readonly CsvRecord[];
  readonly mapping: Mapping;
}

const BEGINNING_BYTES = 256 * 1024;
const RECORDS_MAX = 100;

/** @throws (rejects) Error where it is no CSV in UTF-8 */
export async function openFile(
  file: File,
  fields: Readonly<Record<string, Field>>,
  chosenSeparator?: string,
): Promise<OpenedFile> {
  const text = await readBeginning(file, BEGINNING_BYTES);
  const separator = chosenSeparator ?? guessSeparator(text);
  const reader = new CsvReader(separator);
  const read = reader.push(text);
  // The last record of a beginning may be cut off.
  const [header, ...records] = file.size > BEGINNING_BYTES ? read : [...read, ...reader.end()];
  if (header === undefined) throw new Error(`${file.name} is empty: its first line was to name the columns.`);
  if (records.length === 0) throw new Error(`${file.name} has a header, and no lines below it.`);
  const first = records.slice(0, RECORDS_MAX);
  return {
    file,
    separator,
    header: header.cells,
    records: first,
    mapping: guessMapping(header.cells, first, fields, separator),
  };
}
