/** Line protocol by regular expressions over the whole of a line: slow, and plain to see. */
import { isUtf8 } from 'node:buffer';
import type { FieldType } from '../../engine/batch.js';
import type { Scalar } from '../../engine/query/request.js';

export interface NaiveRow {
  /** Measurement and tags, in order of their keys, as they stand in the line. */
  readonly series: string;
  readonly time: number;
  readonly values: ReadonlyMap<string, Scalar>;
}

export interface NaiveLines {
  readonly rows: readonly NaiveRow[];
  /** Numbers of the lines that are refused, from 1. */
  readonly refused: readonly number[];
}

/** Fields with their types, by series. */
export type NaiveTypes = Map<string, Map<string, FieldType>>;

const MEASUREMENT = String.raw`(?:\\[, ]|[^, \\\n]|\\(?![, \n]))+`;
const NAME = String.raw`(?:\\[,= ]|[^,= \\\n]|\\(?![,= \n]))+`;
const STRING = String.raw`"(?:\\["\\]|[^"\\]|\\(?!["\\]))*"`;
const FIELD = String.raw`${NAME}=(?:${STRING}|[^," \t\n][^, \t\n]*)`;
const LINE = new RegExp(
  String.raw`^(${MEASUREMENT}(?:,${NAME}=${NAME})*) [ \t]*(${FIELD}(?:,${FIELD})*)(?:[ \t]+(-?\d+))?[ \t]*$`,
);

/** A line with all of its strings, closed or not. */
const SPAN = /[ \t]*(?:#[^\n]*|(?:[^ \n]|(?<=\\) )*(?: (?:(?<=(?<!\\)=)"(?:\\["\\]|[^"])*(?:"|$)|[^\n])*)?)/y;

const NANOSECONDS_MAX = BigInt(Date.UTC(2200, 0, 1)) * 1_000_000n;

/** @param types is added to @param nanoseconds of the unit */
export function naiveLines(body: Buffer, nanoseconds: bigint, now: number, types: NaiveTypes): NaiveLines {
  const text = body.toString('latin1');
  const rows: NaiveRow[] = [];
  const refused: number[] = [];
  for (let at = 0; at < text.length; ) {
    SPAN.lastIndex = at;
    const span = (SPAN.exec(text) as RegExpExecArray)[0];
    const line = span.replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (line !== '' && !line.startsWith('#')) {
      const row = naiveRow(line, nanoseconds, now, types);
      if (row !== undefined) rows.push(row);
      else {
        const start = at + span.length - span.replace(/^[ \t]+/, '').length;
        refused.push(text.slice(0, start).split('\n').length);
      }
    }
    at += span.length + 1;
  }
  return { rows, refused };
}

function naiveRow(line: string, nanoseconds: bigint, now: number, types: NaiveTypes): NaiveRow | undefined {
  const match = LINE.exec(line);
  if (match === null || !isUtf8(Buffer.from(line, 'latin1'))) return undefined;
  const [, key, fields, timestamp] = match;
  const [measurement, ...tags] = splitOutside(key, ',');
  const names = tags.map(tag => splitOutside(tag, '=')[0]);
  if (new Set(names).size < names.length || key.length > 65_535) return undefined;
  const time = timestamp === undefined ? now : naiveTime(BigInt(timestamp) * nanoseconds);
  const values = naiveValues(fields);
  if (time === undefined || values === undefined) return undefined;
  const order = names.map((_, index) => index).sort((left, right) => (names[left] < names[right] ? -1 : 1));
  const series = utf8([measurement, ...order.map(index => tags[index])].join(','));
  const known = types.get(series) ?? new Map<string, FieldType>();
  for (const [name, value] of values)
    if ((known.get(name) ?? typeof value) !== typeof value) return undefined;
  for (const [name, value] of values) known.set(name, typeof value as FieldType);
  types.set(series, known);
  return { series, time, values };
}

function naiveTime(nanoseconds: bigint): number | undefined {
  return nanoseconds < 0n || nanoseconds >= NANOSECONDS_MAX ? undefined : Number(nanoseconds / 1_000_000n);
}

function naiveValues(fields: string): Map<string, Scalar> | undefined {
  const values = new Map<string, Scalar>();
  for (const [, rawName, rawValue] of fields.matchAll(new RegExp(`(${NAME})=(${STRING}|[^,]*)`, 'g'))) {
    const name = utf8(rawName.replace(/\\([,= ])/g, '$1'));
    const value = naiveValue(rawValue);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: names must not have them
    if (value === undefined || name.length > 128 || /[\x00-\x1f\x7f-\x9f]/.test(name)) return undefined;
    values.set(name, value);
  }
  return values;
}

function naiveValue(text: string): Scalar | undefined {
  if (text.startsWith('"')) {
    const value = utf8(text.slice(1, -1).replace(/\\(["\\])/g, '$1'));
    return value.length <= 65_536 ? value : undefined;
  }
  if (/^(t|T|true|True|TRUE)$/.test(text)) return true;
  if (/^(f|F|false|False|FALSE)$/.test(text)) return false;
  if (/^-?\d+i$/.test(text)) {
    const value = BigInt(text.slice(0, -1));
    return BigInt.asIntN(64, value) === value ? Number(value) : undefined;
  }
  if (/^\d+u$/.test(text)) {
    const value = BigInt(text.slice(0, -1));
    return BigInt.asUintN(64, value) === value ? Number(value) : undefined;
  }
  const isFloat = /^-?(\d+|\d+\.\d*|\.\d+)([eE][-+]?\d+)?$/.test(text);
  return isFloat && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/** At each separator that no backslash stands before. */
function splitOutside(text: string, separator: string): string[] {
  return text.split(new RegExp(`(?<!\\\\)${separator}`));
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}
