import type { Condition, PointCondition } from './condition.js';

/** Names of the fields that a condition looks at, each once. */
export function fieldsOf(condition: PointCondition): string[] {
  return 'conditions' in condition ? [...new Set(condition.conditions.flatMap(fieldsOf))] : [condition.field];
}

export function isPointCondition(condition: Condition): condition is PointCondition {
  return condition.operator !== 'no_data';
}
