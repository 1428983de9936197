/** Sources of one bucket as lines name them: by the bytes of measurement and tags, however those were written. */
import type { DataSource } from '../catalog/model.js';
import type { Step } from './paths.js';
import { RowSource } from './row-source.js';

const SLAB_BYTES = 65_536;
/** Tags in another order are another spelling of a source: beyond so many it is time to begin anew. */
const SPELLINGS_MAX = 2_000_000;

/** Keys lie many to a buffer: a buffer each would take more memory than the keys. */
class KeySlabs {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  /** Where the key is then. */
  add(key: string): { readonly view: DataView; readonly start: number } {
    if (this.#used + key.length > this.#bytes.length) {
      this.#bytes = new Uint8Array(Math.max(SLAB_BYTES, key.length));
      this.#view = new DataView(this.#bytes.buffer);
      this.#used = 0;
    }
    const start = this.#used;
    for (let index = 0; index < key.length; index++) this.#bytes[start + index] = key.charCodeAt(index);
    this.#used += key.length;
    return { view: this.#view, start };
  }
}

export class LineSource extends RowSource {
  /** Where its key lies, among others. */
  readonly keyView: DataView;
  readonly keyStart: number;
  readonly keyLength: number;
  /** First step of the line that came last. */
  first: Step | undefined;

  constructor(source: DataSource, key: string, slabs: KeySlabs) {
    super(source);
    const { view, start } = slabs.add(key);
    this.keyView = view;
    this.keyStart = start;
    this.keyLength = key.length;
  }
}

export class LineSources {
  /** First source of the last body. */
  first: LineSource | undefined;
  readonly #slabs = new KeySlabs();
  readonly #spellings = new Map<string, LineSource>();

  get isFull(): boolean {
    return this.#spellings.size > SPELLINGS_MAX;
  }

  /** @param spelling bytes of a key as Latin-1 */
  find(spelling: string): LineSource | undefined {
    return this.#spellings.get(spelling);
  }

  /** @param key bytes of the key with its tags in order, as Latin-1 */
  add(source: DataSource, key: string): LineSource {
    const added = new LineSource(source, key, this.#slabs);
    this.#spellings.set(key, added);
    return added;
  }

  addSpelling(source: LineSource, spelling: string): void {
    this.#spellings.set(spelling, source);
  }
}
