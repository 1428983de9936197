/** Questions as SQL, of a table a work with `hostname`, `ts` and a column a field. */
import type { SourceAnswer } from '../answer.js';
import type { Question } from '../questions.js';
import { AnswerBuilder, type PeerWork } from './peer.js';

/** How a store says what SQL has no words for. */
export interface Dialect {
  /** The time of a row in seconds. */
  readonly seconds: string;
  time(seconds: number): string;
  /** Begin of the group of a row, in seconds. */
  groups(widthSeconds: number): string;
  /** The value of the last row. */
  last(field: string): string;
}

const FUNCTIONS = { max: 'max', avg: 'avg', automatic: 'avg' };

/** Rows of name, seconds and the fields, by name and time. */
export function questionText({ name, readings }: PeerWork, question: Question, dialect: Dialect): string {
  const { sources, fields, startTime, endTime, aggregation, groups } = question;
  const columns = fields.map(field => {
    if (aggregation === 'none') return field;
    return aggregation === 'last' ? dialect.last(field) : `${FUNCTIONS[aggregation]}(${field})`;
  });
  const names = sources.map(source => `'${readings[source].source}'`);
  const hosts = sources.length === readings.length ? '' : ` AND hostname IN (${names})`;
  const time =
    groups === undefined ? String(startTime / 1_000) : dialect.groups((groups.widthMs ?? 0) / 1_000);
  const key = aggregation === 'none' ? dialect.seconds : time;
  const by = aggregation === 'none' ? '' : ` GROUP BY hostname${groups === undefined ? '' : ', time'}`;
  const [from, to] = [dialect.time(startTime / 1_000), dialect.time(endTime / 1_000)];
  return `SELECT hostname, ${key} AS time, ${columns} FROM ${name} WHERE ts >= ${from} AND ts < ${to}${hosts}${by} ORDER BY hostname, time`;
}

export function rowsAnswer(
  work: PeerWork,
  { fields }: Question,
  rows: readonly (readonly [string, number, ...number[]])[],
): Map<number, SourceAnswer> {
  const bySource = new Map<string, (readonly [string, number, ...number[]])[]>();
  for (const row of rows) {
    const found = bySource.get(row[0]);
    if (found === undefined) bySource.set(row[0], [row]);
    else found.push(row);
  }
  const builder = new AnswerBuilder(work);
  for (const [source, rows] of bySource) {
    const timestamps = Float64Array.from(rows, ([, time]) => Number(time) * 1_000);
    for (const [index, field] of fields.entries()) {
      builder.add(
        source,
        field,
        timestamps,
        Float64Array.from(rows, row => Number(row[index + 2])),
      );
    }
  }
  return builder.finish();
}
