import type { FieldType } from '../../engine/batch.js';
import type { TimeRange } from '../../engine/storage.js';
import type { Condition } from '../alerts/condition.js';
import { ConditionError } from '../alerts/condition-error.js';
import { parseCondition } from '../alerts/parse.js';
import { type ErrorDetail, refuseInvalid } from '../errors.js';
import { CONDITION_CHARACTERS_MAX, COOLDOWN_MINUTES_MAX, WEBHOOK_URL_CHARACTERS_MAX } from '../limits.js';
import { nameSchema, textSchema } from './common.js';
import { parseQueryTime, problemMessage } from './timestamp.js';
import Type from './typebox.js';

export const COOLDOWN_MINUTES_DEFAULT = 5;

const conditionSchema = textSchema(CONDITION_CHARACTERS_MAX, { minLength: 1 });
const cooldownSchema = Type.Integer({ minimum: 0, maximum: COOLDOWN_MINUTES_MAX });

/** Null, as its absence, for a rule whose transitions are only recorded. */
const webhookUrlSchema = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: WEBHOOK_URL_CHARACTERS_MAX,
});

/** The sentence, under either name. */
const sentence = {
  condition: Type.Optional(conditionSchema),
  naturalLanguageQuery: Type.Optional(conditionSchema),
};

export const createRuleSchema = Type.Object({
  bucketId: Type.String(),
  dataSourceId: Type.String(),
  name: nameSchema(),
  ...sentence,
  webhookUrl: Type.Optional(webhookUrlSchema),
  cooldownMinutes: Type.Optional(cooldownSchema),
});

export const updateRuleSchema = Type.Object({
  name: Type.Optional(nameSchema()),
  ...sentence,
  webhookUrl: Type.Optional(webhookUrlSchema),
  cooldownMinutes: Type.Optional(cooldownSchema),
  status: Type.Optional(Type.Enum(['active', 'paused'])),
});

const instantSchema = Type.Unsafe<unknown>({ type: ['string', 'number'] });

export const testRuleSchema = Type.Object({
  bucketId: Type.String(),
  dataSourceId: Type.String(),
  ...sentence,
  startTime: Type.Optional(instantSchema),
  endTime: Type.Optional(instantSchema),
  cooldownMinutes: Type.Optional(cooldownSchema),
});

export interface SentenceBody {
  readonly condition?: string;
  readonly naturalLanguageQuery?: string;
}

/** The sentence of a body that must have one. @throws ApiError */
export function sentenceOf({ condition, naturalLanguageQuery }: SentenceBody): string {
  const text = condition ?? naturalLanguageQuery;
  if (text === undefined) refuseInvalid([{ path: ['body', 'condition'], message: 'Required' }]);
  return text as string;
}

/**
 * @param fields of the source, declared or stored
 * @throws ApiError that says which word it is, and what would do
 */
export function parseSentence(body: SentenceBody, fields: ReadonlyMap<string, FieldType>): Condition {
  const text = sentenceOf(body);
  try {
    return parseCondition(text, fields);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const name = body.condition === undefined ? 'naturalLanguageQuery' : 'condition';
    refuseInvalid([{ path: ['body', name], message: error.message }]);
    throw error;
  }
}

export interface RangeBody {
  readonly startTime?: unknown;
  readonly endTime?: unknown;
}

/** Bounds that are given, of a dry run. @throws ApiError */
export function parseRange({ startTime, endTime }: RangeBody, now: number): Partial<TimeRange> {
  const details: ErrorDetail[] = [];
  const timeOf = (name: string, value: unknown): number | undefined => {
    if (value === undefined) return undefined;
    const time = parseQueryTime(value, now);
    if (typeof time === 'number') return time;
    details.push({ path: ['body', name], message: problemMessage(time) });
    return undefined;
  };
  const range = { startTime: timeOf('startTime', startTime), endTime: timeOf('endTime', endTime) };
  if (range.startTime !== undefined && range.endTime !== undefined && range.startTime > range.endTime) {
    details.push({ path: ['body', 'endTime'], message: 'endTime must not be before startTime' });
  }
  refuseInvalid(details);
  return range;
}
