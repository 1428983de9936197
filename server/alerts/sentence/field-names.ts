/** Fields of a source, found by words that look like their names. */
import type { FieldType } from '../../../engine/batch.js';
import { nearest } from './nearest.js';

/** What names are alike by. Empty for a name of nothing else, which has to be quoted. */
function folded(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_-]+/gu, '');
}

export class FieldNames {
  readonly types: ReadonlyMap<string, FieldType>;
  /** Names by what they are alike by. */
  readonly #alike = new Map<string, string[]>();
  /** Characters of the longest, folded. */
  readonly #lengthMax: number;

  constructor(types: ReadonlyMap<string, FieldType>) {
    this.types = types;
    let lengthMax = 0;
    for (const name of types.keys()) {
      const key = folded(name);
      if (key === '') continue;
      const names = this.#alike.get(key);
      if (names === undefined) this.#alike.set(key, [name]);
      else names.push(name);
      lengthMax = Math.max(lengthMax, key.length);
    }
    this.#lengthMax = lengthMax;
  }

  /** Names that a text may mean: itself where there is such a field, else all that are alike. */
  meantBy(text: string): readonly string[] {
    if (this.types.has(text)) return [text];
    return this.#alike.get(folded(text)) ?? [];
  }

  /** Whether no field has a name as long. */
  isTooLong(text: string): boolean {
    return folded(text).length > this.#lengthMax;
  }

  /** The one that was meant, maybe. */
  nearestTo(text: string): string | undefined {
    const key = nearest(folded(text), this.#alike.keys());
    return key === undefined ? undefined : this.#alike.get(key)?.[0];
  }

  ofType(type: FieldType): string[] {
    return [...this.types.keys()].filter(name => this.types.get(name) === type);
  }
}
