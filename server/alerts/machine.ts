/**
 * What becomes of a rule, verdict by verdict: the only place that decides when one fires. Pure: the time of a point
 * (event time) says how long a condition has lasted, the clock of whoever asks when a rule may fire again.
 *
 *     ok ──met──▶ pending ──lasted, and no cooldown──▶ firing ──unmet──▶ ok
 *                 pending ──unmet──▶ ok
 *
 * - A rule fires once for as long as its condition goes on, however long that is: it is told of again only after it
 *   has been resolved, as in Prometheus.
 * - The cooldown counts from the firing. A condition that begins and ends within it is not told of; one that still goes
 *   on when it is over fires with the first point after that: a cooldown puts off, it does not swallow.
 * - A condition lasts from the first of the points that met it without one between that did not. How far apart they
 *   lie is no matter: a sensor that reports each ten minutes can meet a condition `for 5 minutes`.
 */

import { SECOND_MS } from '../../engine/base/time.js';
import type { Condition } from './condition.js';

export type Phase = 'ok' | 'pending' | 'firing';

/** Never changed, only replaced. */
export interface Machine {
  readonly phase: Phase;
  /** Time of the first point of those that meet the condition; 0 where the phase is ok. */
  readonly since: number;
  /** The rule does not fire before this time of the clock. */
  readonly cooldownUntil: number;
}

/** What of a rule the machine must know; milliseconds. */
export interface Terms {
  /** For how long the condition must last: 0 where one point is enough. */
  readonly durationMs: number;
  readonly cooldownMs: number;
}

/** A rule never fires twice in one millisecond: of a batch that goes up and down a thousand times it tells once. */
const COOLDOWN_MIN_MS = 1;

/** Silence has lasted when it is met. */
export function termsOf(condition: Condition, cooldownMs: number): Terms {
  const { durationSeconds = 0 } = condition.operator === 'no_data' ? {} : condition;
  return { durationMs: durationSeconds * SECOND_MS, cooldownMs: Math.max(COOLDOWN_MIN_MS, cooldownMs) };
}

export const RESTING: Machine = { phase: 'ok', since: 0, cooldownUntil: 0 };

/**
 * The machine after a point that met the condition, or did not: the same object where nothing has changed.
 * @param time of the point; never less than that of the one before
 * @param now by the clock
 */
export function step(machine: Machine, isMet: boolean, time: number, now: number, terms: Terms): Machine {
  if (!isMet) return machine.phase === 'ok' ? machine : rest(machine);
  if (machine.phase === 'firing') return machine;
  const since = machine.phase === 'pending' ? machine.since : time;
  if (time - since >= terms.durationMs && now >= machine.cooldownUntil) {
    return { phase: 'firing', since, cooldownUntil: now + terms.cooldownMs };
  }
  return machine.phase === 'pending' ? machine : { ...machine, phase: 'pending', since };
}

/** As if the condition was not met; the cooldown goes on. */
export function rest({ cooldownUntil }: Machine): Machine {
  return { phase: 'ok', since: 0, cooldownUntil };
}

export type TransitionKind = 'triggered' | 'resolved';

/** What is told of a step; undefined where it is none of anybody's business. */
export function transitionBetween(before: Machine, after: Machine): TransitionKind | undefined {
  if (before.phase !== 'firing') return after.phase === 'firing' ? 'triggered' : undefined;
  return after.phase === 'firing' ? undefined : 'resolved';
}
