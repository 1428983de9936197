/** Cells of a CSV file as values of the API. */
import type { FieldType, Value } from '../../base/types.js';

export const TIME_FORMS = ['iso', 'seconds', 'milliseconds'] as const;

/** How a column writes times: ISO 8601 (UTC where it names no zone), or a number since 1970. */
export type TimeForm = (typeof TIME_FORMS)[number];

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NUMBER_WITH_COMMA = /^[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?$/;
/** A number read from `007` could not be told back. */
const LEADING_ZERO = /^[+-]?0\d/;
const BOOLEAN = /^(?:true|false)$/i;
const ISO = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)?)?$/i;

/** The type of a column's cells, from some of them. Empty ones say nothing. */
export function typeOfCells(cells: readonly string[], hasComma: boolean): FieldType {
  const texts = cells.map(cell => cell.trim()).filter(text => text !== '');
  if (texts.length === 0) return 'number';
  const isNumeric = !texts.some(text => LEADING_ZERO.test(text));
  if (isNumeric && areMostly(texts, text => isNumber(text, hasComma))) return 'number';
  return areMostly(texts, text => BOOLEAN.test(text)) ? 'boolean' : 'string';
}

/** Undefined where the cell is no value of the type. @param hasComma whether fractions begin with a comma */
export function cellValue(cell: string, type: FieldType, hasComma: boolean): Value | undefined {
  const text = cell.trim();
  switch (type) {
    case 'number':
      return isNumber(text, hasComma) ? Number(hasComma ? text.replace(',', '.') : text) : undefined;
    case 'boolean':
      return BOOLEAN.test(text) ? text.toLowerCase() === 'true' : undefined;
    case 'string':
      return cell;
  }
}

/** ISO 8601 or milliseconds, as the API takes it; undefined where the cell is no time of the form. */
export function cellTime(cell: string, form: TimeForm): string | number | undefined {
  const text = cell.trim();
  if (form === 'iso') return isoTime(text);
  if (!NUMBER.test(text)) return undefined;
  // Seconds may have a fraction; milliseconds are kept as the server keeps them.
  const time = Math.floor(Number(text) * (form === 'seconds' ? 1_000 : 1) + 1e-4);
  return Number.isSafeInteger(time) ? time : undefined;
}

function isoTime(text: string): string | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, date, time, zone = 'Z'] = match;
  if (time === undefined) return date;
  const seconds = time.length === 5 ? ':00' : '';
  const utc = zone.toUpperCase().replace('UTC', 'Z');
  const offset = utc.length === 5 ? `${utc.slice(0, 3)}:${utc.slice(3)}` : utc;
  return `${date}T${time.replace(',', '.')}${seconds}${offset}`;
}

function isNumber(text: string, hasComma: boolean): boolean {
  if (!(hasComma ? NUMBER_WITH_COMMA : NUMBER).test(text)) return false;
  return Number.isFinite(Number(text.replace(',', '.')));
}

/** How a column writes times, from some of its cells; undefined where they are none. */
export function timeFormOf(cells: readonly string[], shareMin = SHARE_MIN): TimeForm | undefined {
  const texts = cells.map(cell => cell.trim()).filter(text => text !== '');
  if (texts.length === 0) return undefined;
  if (areMostly(texts, text => isoTime(text) !== undefined, shareMin)) return 'iso';
  // From 1973, whatever the unit: smaller numbers are readings.
  if (areMostly(texts, text => isWithin(text, 1e8, 1e10), shareMin)) return 'seconds';
  return areMostly(texts, text => isWithin(text, 1e11, 1e13), shareMin) ? 'milliseconds' : undefined;
}

function isWithin(text: string, from: number, to: number): boolean {
  return NUMBER.test(text) && Number(text) >= from && Number(text) < to;
}

/** Some lines of a file may be bad: they are refused, and say nothing of the others. */
const SHARE_MIN = 0.8;

function areMostly(texts: readonly string[], fits: (text: string) => boolean, shareMin = SHARE_MIN): boolean {
  return texts.filter(fits).length >= texts.length * shareMin;
}
