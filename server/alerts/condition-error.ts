/** A sentence that is no condition of a source, said so that its writer can mend it. */
export class ConditionError extends Error {
  /** What is wrong, without the place, the fields and the examples that `message` gives too. */
  readonly reason: string;
  /** The word as written; empty where the sentence ends too early. */
  readonly word: string;
  /** Of the word's first character; the first of a sentence has 1. */
  readonly position: number;
  /** Two sentences that this source would take. */
  readonly examples: readonly [string, string];

  constructor(reason: string, word: string, position: number, fields: string, examples: [string, string]) {
    const end = reason.endsWith('?') ? '' : '.';
    const advice = `${fields}. For example: "${examples[0]}" or "${examples[1]}"`;
    super(`At character ${position}: ${reason}${end} ${advice}`);
    this.name = 'ConditionError';
    this.reason = reason;
    this.word = word;
    this.position = position;
    this.examples = examples;
  }
}
