/** What is asked of the store, and how it is written as the body of a query. */
import type { LoadedBucket } from './load.js';

/** Groups of one width, or calendar months in UTC. */
export interface QuestionGroups {
  /** As `groupBy` has it. */
  readonly name: string;
  /** Absent for months. */
  readonly widthMs?: number;
}

export interface Question {
  /** Positions in the list of series. */
  readonly sources: readonly number[];
  readonly fields: readonly string[];
  /** Milliseconds; the end is exclusive. */
  readonly startTime: number;
  readonly endTime: number;
  /** `none` asks for raw rows; `automatic` asks for nothing, and gets averages of the groups given. */
  readonly aggregation: 'avg' | 'max' | 'last' | 'none' | 'automatic';
  /** Absent for one group over all, and for raw rows. */
  readonly groups?: QuestionGroups;
}

export type AnswerFormat = 'rows' | 'columns';

/** More than any of the questions asks for. */
const LIMIT = 100_000;

/** The body of the request. Where all sources of the bucket are asked for, none is named. */
export function questionBody(
  { bucketId, ids }: LoadedBucket,
  question: Question,
  format: AnswerFormat,
): Buffer {
  const { sources, fields, startTime, endTime, aggregation, groups } = question;
  const named = sources.length === ids.length ? {} : { dataSourceIds: sources.map(source => ids[source]) };
  const asked =
    aggregation === 'automatic' ? {} : { aggregation, ...(groups !== undefined && { groupBy: groups.name }) };
  const filters = {
    ...named,
    fields,
    startTime: new Date(startTime).toISOString(),
    endTime: new Date(endTime).toISOString(),
    limit: LIMIT,
  };
  return Buffer.from(JSON.stringify({ bucketId, filters, ...asked, format }));
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS = [
  { letter: 's', name: 'second', unitMs: SECOND_MS },
  { letter: 'm', name: 'minute', unitMs: MINUTE_MS },
  { letter: 'h', name: 'hour', unitMs: HOUR_MS },
  { letter: 'd', name: 'day', unitMs: DAY_MS },
  { letter: 'w', name: 'week', unitMs: 7 * DAY_MS },
] as const;

type UnitLetter = (typeof UNITS)[number]['letter'];

export function groupsOf(count: number, letter: UnitLetter): QuestionGroups {
  const unit = UNITS.find(unit => unit.letter === letter) as (typeof UNITS)[number];
  return { name: count === 1 ? unit.name : `${count}${letter}`, widthMs: count * unit.unitMs };
}

export const MONTHS: QuestionGroups = { name: 'month' };

const GROUPS_MAX = 500;

/** The contract's intervals, finest first. */
const INTERVALS: readonly (readonly [UnitLetter, readonly number[]])[] = [
  ['s', [1, 2, 5, 10, 15, 30]],
  ['m', [1, 2, 5, 10, 15, 20, 30]],
  ['h', [1, 2, 3, 6, 12]],
  ['d', [1, 2]],
  ['w', [1]],
];

/** What automatic downsampling takes for a range that begins at a midnight and is full of points. */
export function automaticGroups(rangeMs: number): QuestionGroups {
  for (const [letter, counts] of INTERVALS) {
    for (const count of counts) {
      const groups = groupsOf(count, letter);
      if (rangeMs / (groups.widthMs as number) <= GROUPS_MAX) return groups;
    }
  }
  return MONTHS;
}

/** Just below 500 groups, of a width that no calendar and no index is likely to have. */
export function unevenGroups(rangeMs: number): QuestionGroups {
  const letter = rangeMs < GROUPS_MAX * MINUTE_MS ? 's' : rangeMs < GROUPS_MAX * 7 * DAY_MS ? 'm' : 'h';
  const { widthMs } = groupsOf(1, letter);
  return groupsOf(Math.ceil(rangeMs / (GROUPS_MAX - 3) / (widthMs as number)), letter);
}
