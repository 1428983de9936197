/** The queries a–h of the goals, and a few beside them, over the cpu and the sensor work. */
import { PACKED } from './answer.js';
import type { LoadedBucket } from './load.js';
import {
  type AnswerFormat,
  automaticGroups,
  groupsOf,
  type Question,
  questionBody,
  unevenGroups,
} from './questions.js';
import { expectedAnswer, type Readings } from './reference.js';
import type { TimedCase } from './timed-case.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What was loaded, and where. */
export interface LoadedWork extends AskedWork {
  readonly bucket: LoadedBucket;
}

/** Other sources and hours in each, so that no answer is found where the last one lay. */
const VARIANTS = 8;

interface CaseOptions {
  readonly goalMs?: number;
  readonly format?: AnswerFormat;
  readonly accept?: string;
}

export function caseOf(
  name: string,
  what: string,
  { bucket, readings }: LoadedWork,
  questions: readonly Question[],
  { goalMs, format = 'rows', accept = 'application/json' }: CaseOptions = {},
): TimedCase {
  return {
    name,
    what,
    goalMs,
    format,
    accept,
    ids: bucket.ids,
    asked: questions.map(question => ({
      question,
      body: questionBody(bucket, question, format),
      expected: () => expectedAnswer(readings, question),
    })),
  };
}

/** What a question is made from: whoever is asked. */
export interface AskedWork {
  readonly readings: readonly Readings[];
  readonly startTime: number;
  /** After the last reading. */
  readonly endTime: number;
}

/** a to e as everyone can be asked them. */
export function cpuQuestionCases(work: AskedWork) {
  const { oneHour, eightHours, eightSources, twelveHours, last } = cpuQuestions(work);
  return [
    { name: 'a', questions: oneHour },
    { name: 'b', questions: eightSources },
    { name: 'c', questions: twelveHours },
    { name: 'd', questions: eightHours },
    { name: 'e', questions: [last] },
  ];
}

/** f to h as everyone can be asked them. */
export function sensorQuestionCases(work: AskedWork) {
  const { whole, threes, raw } = sensorQuestions(work);
  return [
    { name: 'f', questions: [whole] },
    { name: 'g', questions: [threes] },
    { name: 'h', questions: [raw] },
  ];
}

function cpuQuestions(work: AskedWork) {
  const { readings } = work;
  const names = [...readings[0].fields.keys()];
  // Neighbours in the catalog would be neighbours on disk; 13 has no factor in common with the counts there are.
  const some = (count: number, variant: number) =>
    Array.from({ length: count }, (_, index) => (index * 13 + variant * 5) % readings.length);
  const windowed = (
    rangeMs: number,
    question: (variant: number) => Omit<Question, 'startTime' | 'endTime'>,
  ) =>
    Array.from({ length: VARIANTS }, (_, variant) => ({
      ...question(variant),
      ...windowOf(work, rangeMs, variant),
    }));
  const everySource = readings.map((_, source) => source);
  const byMinute = groupsOf(1, 'm');
  const byHour = groupsOf(1, 'h');
  const minutesOf = (sources: number, fields: number) =>
    windowed(HOUR_MS, variant => ({
      sources: some(sources, variant),
      fields: names.slice(0, fields),
      aggregation: 'max',
      groups: byMinute,
    }));
  const twelveHours = windowed(12 * HOUR_MS, variant => ({
    sources: everySource,
    fields: [names[variant % names.length]],
    aggregation: 'avg',
    groups: byHour,
  }));
  const eightHours = windowed(8 * HOUR_MS, variant => ({
    sources: some(8, variant),
    fields: names,
    aggregation: 'max',
    groups: byHour,
  }));
  const last: Question = {
    sources: everySource,
    fields: names,
    startTime: work.startTime,
    endTime: work.endTime,
    aggregation: 'last',
  };
  return { oneHour: minutesOf(1, 1), eightSources: minutesOf(8, 5), twelveHours, eightHours, last };
}

export function cpuCases(work: LoadedWork): TimedCase[] {
  const { oneHour, eightSources, twelveHours, eightHours, last } = cpuQuestions(work);
  // As of a dashboard that ends now, wherever the hour began.
  const ragged = twelveHours.map(question => ({
    ...question,
    startTime: question.startTime + 17 * 10_000,
    endTime: question.endTime - 23 * 10_000,
  }));
  return [
    caseOf('a', '1 source, 1 field, 1 h, max a minute', work, oneHour, { goalMs: 0.25 }),
    caseOf('b', '8 sources, 5 fields, 1 h, max a minute', work, eightSources, { goalMs: 0.6 }),
    caseOf('c', '100 sources, 1 field, 12 h, avg an hour', work, twelveHours, { goalMs: 1.5 }),
    caseOf('c ragged', 'the same, not from hour to hour', work, ragged),
    caseOf('d', '8 sources, 10 fields, 8 h, max an hour', work, eightHours, { goalMs: 0.8 }),
    caseOf('e', 'last point of each of 100 sources', work, [last], { goalMs: 0.5 }),
  ];
}

/** Hours of the work, beginning with another one in each variant; all of it where it has no more. */
function windowOf({ startTime, endTime }: AskedWork, rangeMs: number, variant: number) {
  const starts = Math.floor((endTime - startTime - rangeMs) / HOUR_MS) + 1;
  const start = startTime + (starts < 1 ? 0 : ((variant * 5) % starts) * HOUR_MS);
  return { startTime: start, endTime: Math.min(start + rangeMs, endTime) };
}

function sensorQuestions({ startTime, endTime, readings }: AskedWork) {
  const asked = { sources: [0], fields: [...readings[0].fields.keys()] };
  const whole: Question = {
    ...asked,
    startTime,
    endTime,
    aggregation: 'automatic',
    groups: automaticGroups(endTime - startTime),
  };
  const uneven: Question = { ...whole, aggregation: 'avg', groups: unevenGroups(endTime - startTime) };
  const dayMs = Math.min(DAY_MS, endTime - startTime);
  const day = { ...asked, startTime: endTime - dayMs, endTime };
  const threes: Question = { ...day, aggregation: 'avg', groups: groupsOf(3, 'm') };
  const raw: Question = { ...day, aggregation: 'none' };
  return { whole, uneven, threes, raw };
}

export function sensorCases(work: LoadedWork): TimedCase[] {
  const { whole, uneven, threes, raw } = sensorQuestions(work);
  const columns = { format: 'columns' } as const;
  const widthOf = ({ groups }: Question) => groups?.name;
  return [
    caseOf('f', `30 days, avg, by itself a ${widthOf(whole)}`, work, [whole], { ...columns, goalMs: 1 }),
    caseOf('f uneven', `30 days, avg a ${widthOf(uneven)}`, work, [uneven], { ...columns, goalMs: 1 }),
    caseOf('f rows', `as f, in rows`, work, [whole]),
    caseOf('g', `1 day, avg a ${widthOf(threes)}`, work, [threes], { ...columns, goalMs: 0.5 }),
    caseOf('g rows', 'as g, in rows', work, [threes]),
    caseOf('h', '86,400 raw points × 3 fields', work, [raw], { ...columns, goalMs: 12 }),
    caseOf('h packed', 'as h, in MessagePack', work, [raw], { ...columns, accept: PACKED, goalMs: 12 }),
  ];
}
