/** Times in sentences: half an hour, 1h30m, the last day. */
import { CONDITION_SECONDS_MAX } from '../../limits.js';
import { numberAt } from './numbers.js';
import type { Sentence } from './sentence.js';
import type { Token } from './tokens.js';
import { AGGREGATIONS, AND_A_HALF, LATELY, TIME_UNITS } from './vocabulary.js';

export interface Duration {
  readonly seconds: number;
  readonly end: number;
}

/** A number of one unit. */
interface Item extends Duration {
  /** Seconds of the unit, of the least where there are several. */
  readonly unit: number;
}

/** What is a time at a token, however long; undefined where there is none. */
export function durationAt(tokens: readonly Token[], at: number): Duration | undefined {
  const start = LATELY.skip(tokens, at);
  let item = itemAt(tokens, start);
  // "the last hour" is one.
  if (item === undefined && start > at) item = unitAt(tokens, start, 1);
  if (item === undefined) return undefined;
  let { seconds, end } = item;
  for (;;) {
    const half = AND_A_HALF.at(tokens, end);
    if (half !== undefined) return { seconds: seconds + item.unit / 2, end: half.end };
    const isJoined = tokens[end].key === 'and' || tokens[end].key === ',';
    const next: Item | undefined = itemAt(tokens, isJoined ? end + 1 : end);
    if (next === undefined || next.unit >= item.unit) return { seconds, end };
    // "… in 1 hour and 5 minute average of …" goes on with another condition.
    if (AGGREGATIONS.at(tokens, next.end) !== undefined) return { seconds, end };
    seconds += next.seconds;
    end = next.end;
    item = next;
  }
}

function itemAt(tokens: readonly Token[], at: number): Item | undefined {
  const token = tokens[at];
  if (token === undefined) return undefined;
  const compact = compactAt(tokens, at);
  if (compact !== undefined) return compact;
  const next = tokens[at + 1]?.key;
  if (token.key === 'half') return unitAt(tokens, next === 'a' || next === 'an' ? at + 2 : at + 1, 0.5);
  if (token.key === 'a' || token.key === 'an') {
    return next === 'half' ? unitAt(tokens, at + 2, 0.5) : unitAt(tokens, at + 1, 1);
  }
  const number = numberAt(tokens, at);
  return (
    number && unitAt(tokens, tokens[number.end].key === '-' ? number.end + 1 : number.end, number.number)
  );
}

function unitAt(tokens: readonly Token[], at: number, count: number): Item | undefined {
  if (at >= tokens.length) return undefined;
  const unit = TIME_UNITS.at(tokens, at);
  return unit && { seconds: count * unit.meaning, end: unit.end, unit: unit.meaning };
}

/** 90s, 1h30m: what follows the first number is one word. */
function compactAt(tokens: readonly Token[], at: number): Item | undefined {
  const number = tokens[at];
  const word = tokens[at + 1];
  if (number.kind !== 'number' || word?.kind !== 'word' || word.start !== number.end) return undefined;
  const parts = [...`${number.number}${word.key}`.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  if (length !== `${number.number}${word.key}`.length) return undefined;
  let seconds = 0;
  let unit = Infinity;
  for (const [, count, name] of parts) {
    const size = TIME_UNITS.meaningOf(name);
    if (size === undefined || size >= unit) return undefined;
    seconds += Number(count) * size;
    unit = size;
  }
  return parts.length === 0 ? undefined : { seconds, end: at + 2, unit };
}

/** Reads the time at the next token, in seconds. @throws ConditionError */
export function readDuration(sentence: Sentence): number {
  const from = sentence.at;
  const duration = durationAt(sentence.tokens, from);
  if (duration === undefined) return failWithoutDuration(sentence);
  sentence.at = duration.end;
  return checkDuration(sentence, from, duration);
}

/** @throws ConditionError where a time is too short, too long, or no whole number of seconds */
export function checkDuration(sentence: Sentence, from: number, { seconds, end }: Duration): number {
  const whole = Math.round(seconds);
  const refuse = (reason: string) => sentence.fail(`${sentence.quote(from, end)} ${reason}`, from, end);
  if (seconds <= 0) refuse('is no time to wait; the least is a second');
  if (seconds > CONDITION_SECONDS_MAX) refuse('is too long; the most is 366 days');
  // 1.1 minutes are 66.00000000000001 seconds.
  if (Math.abs(whole - seconds) > 1e-6) refuse('is not a whole number of seconds');
  return whole;
}

function failWithoutDuration(sentence: Sentence): never {
  const { tokens } = sentence;
  const start = LATELY.skip(tokens, sentence.at);
  const number = numberAt(tokens, start);
  const examples = 'such as "5 minutes", "90s" or "half an hour"';
  if (number === undefined) {
    return sentence.fail(`Here comes a time ${examples}, not ${sentence.quote(start)}`, start);
  }
  const unit = tokens[number.end];
  if (unit.kind !== 'word') {
    const reason = `${sentence.quote(start, number.end)} of what? Say seconds, minutes, hours, days or weeks`;
    return sentence.fail(reason, start, number.end);
  }
  if (/^(?:months?|years?)$/.test(unit.key)) {
    return sentence.fail(`${sentence.quote(number.end)} differ in length; say how many days`, number.end);
  }
  const hint = sentence.hint(number.end, TIME_UNITS.words);
  const reason = `${sentence.quote(number.end)} is no unit of time: those are seconds, minutes, hours, days and weeks`;
  return sentence.fail(reason + hint, number.end);
}
