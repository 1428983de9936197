/** Conditions, compiled into what judges rows. */
import type { PointCondition } from './condition.js';
import type { Evaluator } from './evaluator.js';

/** A new evaluator, which has seen no row. */
export function compileCondition(condition: PointCondition): Evaluator {
  throw new Error(condition.operator);
}
