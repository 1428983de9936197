/** Cells of a CSV file as values of the API. */

export type ColumnType = 'number' | 'string' | 'boolean';
export type Value = number | string | boolean;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What number columns may hold beyond JSON: a plus sign, leading zeros, a bare point. */
const LOOSE_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

const DATE_AND_TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/i;

/** The type a column gets by its first value. `007` is a name, not a number: read as one it could not be told back. */
export function typeOfCell(cell: string): ColumnType {
  const text = cell.trim();
  if (isNumber(text, JSON_NUMBER)) return 'number';
  return isBoolean(text) ? 'boolean' : 'string';
}

/** A cell that does not fit its column stays text: the server refuses it, and says so in its own words. */
export function cellValue(cell: string, type: ColumnType): Value {
  const text = cell.trim();
  if (type === 'number' && isNumber(text, LOOSE_NUMBER)) return Number(text);
  if (type === 'boolean' && isBoolean(text)) return text.toLowerCase() === 'true';
  return cell;
}

/** ISO 8601 with a zone (UTC where it has none), or epoch milliseconds. Anything else is left for the server to refuse. */
export function cellTimestamp(cell: string): string | number {
  const text = cell.trim();
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  const [, date, time, zone = 'Z'] = DATE_AND_TIME.exec(text) ?? [];
  if (date === undefined) return text;
  const seconds = time.length === 5 ? ':00' : '';
  const colon = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  return `${date}T${time}${seconds}${colon}`;
}

function isNumber(text: string, form: RegExp): boolean {
  return form.test(text) && Number.isFinite(Number(text));
}

function isBoolean(text: string): boolean {
  return /^(?:true|false)$/i.test(text);
}
