/** Rows of a query as JSON text, put together from pieces: an object tree of 100,000 rows would cost more than they. */
import { pointId } from '../../engine/base/ids.js';
import type { QueryRow, RowValues } from '../../engine/query/request.js';
import { ApiError } from '../errors.js';
import { ANSWER_BYTES_MAX } from '../limits.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { scalarText } from './json.js';

/** Rows whose pieces are joined at once: a text of a million pieces not yet joined keeps them all alive. */
const CHUNK_ROWS = 256;

/** @param sourceIds ids of sources by ordinal @throws ApiError (ANSWER_TOO_LARGE) */
export function rowsText(rows: readonly QueryRow[], sourceIds: ReadonlyMap<number, string>): string {
  const names = new NameTexts();
  const chunks: string[] = [];
  let characters = 0;
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const texts = rows.slice(from, from + CHUNK_ROWS).map(row => rowText(row, sourceIds, names));
    const chunk = texts.join(',');
    characters += chunk.length;
    // Before the text is as long as a string can be: the rows of a hundred thousand messages are longer.
    if (characters > ANSWER_BYTES_MAX) throw new ApiError('ANSWER_TOO_LARGE');
    chunks.push(chunk);
  }
  return `[${chunks.join(',')}]`;
}

function rowText(row: QueryRow, sourceIds: ReadonlyMap<number, string>, names: NameTexts): string {
  const id = row.row === undefined ? '' : `"_id":"${pointId(row.source, row.row)}",`;
  const metadata = row.metadata === undefined ? '' : `,"metadata":${row.metadata}`;
  const count = row.count === undefined ? '' : `,"count":${row.count}`;
  return (
    `{${id}"dataSourceId":"${sourceIds.get(row.source)}","timestamp":"${formatTimestamp(row.timestamp)}"` +
    `,"values":${valuesText(row.values, names)}${metadata}${count}}`
  );
}

/** Names are the same few in each row: each is quoted once. */
class NameTexts {
  readonly #texts = new Map<string, string>();

  /** The name as a JSON string, and a colon. */
  of(name: string): string {
    let text = this.#texts.get(name);
    if (text === undefined) {
      text = `${JSON.stringify(name)}:`;
      this.#texts.set(name, text);
    }
    return text;
  }
}

function valuesText(values: RowValues, names: NameTexts): string {
  let text = '';
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (text !== '') text += ',';
    text += names.of(name) + valueText(value, names);
  }
  return `{${text}}`;
}

function valueText(value: RowValues[string], names: NameTexts): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? valuesText(value, names) : scalarText(value);
}
