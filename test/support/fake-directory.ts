import type { FakeFile } from './fake-file.js';
import type { Random } from './random.js';

/** One change of a directory that no sync has made durable yet. `file` undefined: the name goes away. */
type Change = ReadonlyArray<{ readonly name: string; readonly file: FakeFile | undefined }>;

/** The names of one directory of the fake disk: what lookups see, and the changes a power cut may forget. */
export class FakeDirectory {
  readonly #names = new Map<string, FakeFile>();
  #durable = new Map<string, FakeFile>();
  #changes: Change[] = [];

  get(name: string): FakeFile | undefined {
    return this.#names.get(name);
  }

  list(): string[] {
    return [...this.#names.keys()].sort();
  }

  link(name: string, file: FakeFile): void {
    this.#apply([{ name, file }]);
  }

  unlink(name: string): void {
    this.#apply([{ name, file: undefined }]);
  }

  /** One change of two names: a power cut keeps both or neither. */
  rename(from: string, to: string): void {
    const file = this.#names.get(from);
    this.#apply([
      { name: from, file: undefined },
      { name: to, file },
    ]);
  }

  sync(): void {
    this.#durable = new Map(this.#names);
    this.#changes = [];
  }

  /** Names as found after a power cut: a prefix of the changes, or those that do not build on a forgotten one. */
  afterCrash(random: Random): Map<string, FakeFile> {
    const found = new Map(this.#durable);
    const isPrefix = random.next() < 0.5;
    const keepChance = isPrefix ? 1 : random.next();
    const kept = isPrefix ? random.integer(this.#changes.length + 1) : this.#changes.length;
    const forgotten = new Set<string>();
    for (const change of this.#changes.slice(0, kept)) {
      if (change.some(({ name }) => forgotten.has(name)) || random.next() >= keepChance) {
        for (const { name } of change) forgotten.add(name);
      } else {
        applyTo(found, change);
      }
    }
    return found;
  }

  #apply(change: Change): void {
    applyTo(this.#names, change);
    this.#changes.push(change);
  }
}

function applyTo(names: Map<string, FakeFile>, change: Change): void {
  for (const { name, file } of change) {
    if (file === undefined) names.delete(name);
    else names.set(name, file);
  }
}
