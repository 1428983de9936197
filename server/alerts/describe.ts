/** Conditions as sentences. */
import type { Condition } from './condition.js';

/** The sentence of a condition; with the source's fields `parseCondition` makes the same condition of it. */
export function describeCondition(condition: Condition): string {
  throw new Error(condition.operator);
}
