/** Distinct texts by number, in order of first appearance. */
export class Texts {
  readonly list: string[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(text: string): number {
    let index = this.#indexes.get(text);
    if (index === undefined) {
      index = this.list.push(text) - 1;
      this.#indexes.set(text, index);
    }
    return index;
  }

  clear(): void {
    if (this.list.length === 0) return;
    this.list.length = 0;
    this.#indexes.clear();
  }
}
