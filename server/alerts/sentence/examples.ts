/** Sentences that a source takes, for those whose sentence it does not. */
import type { Condition } from '../condition.js';
import { describeCondition } from '../describe.js';
import type { FieldNames } from './field-names.js';

/** Two, of the field in question if there is one. */
export function exampleSentences(names: FieldNames, about: string | undefined): [string, string] {
  const [first, second] = [...conditionsOf(names, about), silence(1_800), silence(3_600)];
  return [describeCondition(first), describeCondition(second)];
}

function conditionsOf(names: FieldNames, about: string | undefined): Condition[] {
  const type = about === undefined ? undefined : names.types.get(about);
  if (about !== undefined && type === 'string') return [{ field: about, operator: 'eq', value: 'down' }];
  if (about !== undefined && type === 'boolean') return [{ field: about, operator: 'eq', value: true }];
  const numbers = names.ofType('number');
  const field = about ?? numbers[0];
  if (field !== undefined) {
    const other = numbers.find(name => name !== field) ?? field;
    return [
      { field, operator: 'gt', value: 30 },
      { field: other, operator: 'lt', value: 10, durationSeconds: 300 },
    ];
  }
  const text: Condition[] = names
    .ofType('string')
    .map(name => ({ field: name, operator: 'eq', value: 'down' }));
  return [...text.slice(0, 1), ...names.ofType('boolean').slice(0, 1).map(isTrue)];
}

function isTrue(field: string): Condition {
  return { field, operator: 'eq', value: true };
}

function silence(durationSeconds: number): Condition {
  return { operator: 'no_data', durationSeconds };
}
