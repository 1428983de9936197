/** The answer as plain loops over the data give it: nothing of the store is used. */
import type { SourceAnswer } from './answer.js';
import type { Question, QuestionGroups } from './questions.js';
import type { Series } from './workload.js';

/** Readings of one source, from memory or made anew each time. */
export interface Readings {
  readonly source: string;
  readonly rowCount: number;
  /** Milliseconds, ascending. */
  timeAt(row: number): number;
  /** Values by row. */
  readonly fields: ReadonlyMap<string, (row: number) => number>;
}

export function readingsOf({ source, timestamps, fields }: Series): Readings {
  return {
    source,
    rowCount: timestamps.length,
    timeAt: row => timestamps[row],
    fields: new Map(Array.from(fields, ([name, values]) => [name, (row: number) => values[row]])),
  };
}

/** One answer a source asked for; sources without rows in the range are left out. */
export function expectedAnswer(readings: readonly Readings[], question: Question): Map<number, SourceAnswer> {
  const answers = new Map<number, SourceAnswer>();
  for (const source of question.sources) {
    const from = firstRowFrom(readings[source], question.startTime);
    const to = firstRowFrom(readings[source], question.endTime);
    if (from < to) answers.set(source, answerOf(readings[source], from, to, question));
  }
  return answers;
}

function answerOf(readings: Readings, from: number, to: number, question: Question): SourceAnswer {
  const isRaw = question.aggregation === 'none';
  const starts = isRaw ? rowNumbers(from, to) : groupStarts(readings, from, to, question);
  const ends = [...starts.slice(1), to];
  const timestamps = starts.map(row => {
    const time = readings.timeAt(row);
    return isRaw ? time : groupStart(time, question);
  });
  const fields = new Map<string, Float64Array>();
  for (const name of question.fields) {
    const valueAt = readings.fields.get(name) as (row: number) => number;
    const figureOf =
      figures[isRaw ? 'last' : question.aggregation === 'automatic' ? 'avg' : question.aggregation];
    fields.set(
      name,
      Float64Array.from(starts, (start, group) => figureOf(valueAt, start, ends[group])),
    );
  }
  return {
    timestamps: Float64Array.from(timestamps),
    fields,
    ...(!isRaw && { counts: Float64Array.from(starts, (start, group) => ends[group] - start) }),
  };
}

/** Of the rows `from … to` (exclusive), of which there is one at least. */
const figures: Record<string, (valueAt: (row: number) => number, from: number, to: number) => number> = {
  last: (valueAt, _from, to) => valueAt(to - 1),
  max: (valueAt, from, to) => {
    let max = -Infinity;
    for (let row = from; row < to; row++) max = Math.max(max, valueAt(row));
    return max;
  },
  // Kahan (1965): a million values added one by one would be off in the twelfth digit.
  avg: (valueAt, from, to) => {
    let sum = 0;
    let lost = 0;
    for (let row = from; row < to; row++) {
      const value = valueAt(row) - lost;
      const next = sum + value;
      lost = next - sum - value;
      sum = next;
    }
    return sum / (to - from);
  },
};

function rowNumbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** First row of each group that has rows. */
function groupStarts(readings: Readings, from: number, to: number, question: Question): number[] {
  const starts: number[] = [];
  for (let row = from; row < to; ) {
    starts.push(row);
    const { groups } = question;
    row = groups === undefined ? to : firstRowFrom(readings, groupEnd(readings.timeAt(row), groups), row, to);
  }
  return starts;
}

function groupStart(time: number, { groups, startTime }: Question): number {
  if (groups === undefined) return startTime;
  if (groups.widthMs !== undefined) return Math.floor(time / groups.widthMs) * groups.widthMs;
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function groupEnd(time: number, { widthMs }: QuestionGroups): number {
  if (widthMs !== undefined) return (Math.floor(time / widthMs) + 1) * widthMs;
  const date = new Date(time);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

/** Of the rows `from … to` (exclusive) the first that is not before a time; `to` where all are. */
function firstRowFrom(readings: Readings, time: number, from = 0, to = readings.rowCount): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (readings.timeAt(middle) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
