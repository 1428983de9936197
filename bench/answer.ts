/** Answers of queries in any format → columns by source, compared with what they have to be. */
import { createHash } from 'node:crypto';
import { unpack } from 'msgpackr';
import type { AnswerFormat, Question } from './questions.js';

export interface SourceAnswer {
  /** Milliseconds, ascending. */
  readonly timestamps: Float64Array;
  readonly fields: ReadonlyMap<string, Float64Array>;
  /** Groups only. */
  readonly counts?: Float64Array;
}

export interface AnswerMetadata {
  readonly count: number;
  readonly hasMore: boolean;
  readonly groupBy: string | null;
  readonly pointsScanned: number;
  readonly executionTimeMs: number;
}

export const PACKED = 'application/msgpack';

interface Row {
  readonly dataSourceId: string;
  readonly timestamp: string;
  readonly values: Readonly<Record<string, number>>;
  readonly count?: number;
}

/** Numbers of one column: in JSON a list, in MessagePack the bytes of float64s. */
type Numbers = readonly number[] | Uint8Array;

interface Columns {
  readonly timestamps: Numbers;
  readonly values: Readonly<Record<string, Numbers>>;
  readonly counts?: Numbers;
}

/** The part of an answer that is the same each time: all but the metadata, which comes last. */
export function dataPart(body: Buffer): Buffer {
  return body.subarray(0, body.lastIndexOf('metadata'));
}

/** @param ids of sources, by position. @throws Error where there are rows of other sources, or rows are not in order. */
export function decodeAnswer(
  body: Buffer,
  accept: string,
  format: AnswerFormat,
  ids: readonly string[],
): { readonly answer: Map<number, SourceAnswer>; readonly metadata: AnswerMetadata } {
  const { metadata, data, columns } = accept === PACKED ? unpack(body) : JSON.parse(body.toString());
  const bySource =
    format === 'rows' ? columnsOfRows(data) : new Map<string, Columns>(Object.entries(columns));
  const answer = new Map<number, SourceAnswer>();
  for (const [id, { timestamps, values, counts }] of bySource) {
    const source = ids.indexOf(id);
    if (source < 0) throw new Error(`There are rows of a source ${id} that nobody asked for`);
    answer.set(source, {
      timestamps: numbersOf(timestamps),
      fields: new Map(Object.entries(values).map(([name, column]) => [name, numbersOf(column)])),
      ...(counts !== undefined && { counts: numbersOf(counts) }),
    });
  }
  return { answer, metadata };
}

function numbersOf(column: Numbers): Float64Array {
  // A copy: the bytes may lie anywhere in the answer.
  return column instanceof Uint8Array
    ? new Float64Array(new Uint8Array(column).buffer)
    : Float64Array.from(column);
}

function columnsOfRows(rows: readonly Row[]): Map<string, Columns> {
  const bySource = new Map<string, Row[]>();
  let previous = '';
  for (const row of rows) {
    if (row.timestamp < previous) throw new Error(`A row of ${row.timestamp} comes after one of ${previous}`);
    previous = row.timestamp;
    const found = bySource.get(row.dataSourceId);
    if (found === undefined) bySource.set(row.dataSourceId, [row]);
    else found.push(row);
  }
  return new Map(
    Array.from(bySource, ([id, rows]) => {
      const names = Object.keys(rows[0].values);
      const values = names.map(name => [name, rows.map(row => row.values[name])] as const);
      return [
        id,
        {
          timestamps: rows.map(({ timestamp }) => Date.parse(timestamp)),
          values: Object.fromEntries(values),
          ...(rows[0].count !== undefined && { counts: rows.map(({ count }) => count as number) }),
        },
      ];
    }),
  );
}

/** Averages are right to this share of them; all else to the last bit. */
const RELATIVE_ERROR_MAX = 1e-12;

/**
 * @param relativeErrorMax of values that are no averages: 0 is the last bit
 * @throws Error that names the first difference.
 */
export function checkAnswer(
  found: ReadonlyMap<number, SourceAnswer>,
  want: ReadonlyMap<number, SourceAnswer>,
  { aggregation }: Question,
  relativeErrorMax = 0,
): void {
  const isAverage = aggregation === 'avg' || aggregation === 'automatic';
  const valueErrorMax = Math.max(relativeErrorMax, isAverage ? RELATIVE_ERROR_MAX : 0);
  checkEqual('sources', found.size, want.size);
  for (const [source, wanted] of want) {
    const given = found.get(source);
    if (given === undefined) throw new Error(`Source ${source} is missing`);
    checkColumn(`times of source ${source}`, given.timestamps, wanted.timestamps, 0);
    checkEqual(`fields of source ${source}`, given.fields.size, wanted.fields.size);
    for (const [name, values] of wanted.fields) {
      const column = given.fields.get(name) ?? new Float64Array();
      checkColumn(`${name} of source ${source}`, column, values, valueErrorMax);
    }
    const none = new Float64Array();
    checkColumn(`counts of source ${source}`, given.counts ?? none, wanted.counts ?? none, 0);
  }
}

function checkColumn(name: string, found: Float64Array, want: Float64Array, relativeError: number): void {
  checkEqual(`rows of ${name}`, found.length, want.length);
  for (let row = 0; row < want.length; row++) {
    if (Object.is(found[row], want[row])) continue;
    // A NaN is never near.
    if (Math.abs(found[row] - want[row]) <= Math.abs(want[row]) * relativeError) continue;
    throw new Error(`Row ${row} of the ${name} is ${found[row]} instead of ${want[row]}`);
  }
}

function checkEqual(name: string, found: number, want: number): void {
  if (found !== want) throw new Error(`${name}: ${found} instead of ${want}`);
}

/** Digits that two ways of adding the same numbers agree on. */
const DIGITS = 12;

/** The same for the same answers, whatever the ids and the format are. */
export class AnswerHash {
  readonly #hash = createHash('sha256');

  add(name: string, answer: ReadonlyMap<number, SourceAnswer>): void {
    this.#hash.update(name);
    for (const source of [...answer.keys()].sort((left, right) => left - right)) {
      const { timestamps, fields } = answer.get(source) as SourceAnswer;
      this.#hash.update(`${source}:${timestamps.length}`);
      this.#hash.update(timestamps);
      for (const field of [...fields.keys()].sort()) {
        const values = (fields.get(field) as Float64Array).map(value => Number(value.toPrecision(DIGITS)));
        this.#hash.update(field);
        this.#hash.update(values);
      }
    }
  }

  finish(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }
}
