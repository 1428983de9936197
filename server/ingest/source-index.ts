/** Sources by what names them in bodies of JSON: their ids. */
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/model.js';
import { RowSource } from './row-source.js';
import { Token } from './token.js';

const encoder = new TextEncoder();

class IdSource extends RowSource {
  /** Its id as bytes. */
  readonly key: Token;

  constructor(source: DataSource) {
    super(source);
    this.key = new Token(encoder.encode(source.id));
  }
}

export class SourceIndex {
  readonly #catalog: Pick<Catalog, 'source'>;
  readonly #byId = new Map<string, IdSource>();
  #last: IdSource | undefined;

  constructor(catalog: Pick<Catalog, 'source'>) {
    this.#catalog = catalog;
  }

  /** The source that followed the last one found, last time: to be compared before `find` is called. */
  get predicted(): IdSource | undefined {
    return this.#last?.next;
  }

  /** Notes that the prediction was right. */
  follow(source: IdSource): void {
    this.#last = source;
  }

  /** A source that is not in the catalog is undefined. */
  find(id: string): IdSource | undefined {
    const source = this.#catalog.source(id);
    if (source === undefined) return undefined;
    let found = this.#byId.get(id);
    if (found?.source !== source) {
      found = new IdSource(source);
      this.#byId.set(id, found);
    }
    if (this.#last !== undefined) this.#last.next = found;
    this.#last = found;
    return found;
  }

  /** Whether the catalog still has it as it is. Where not, everything is looked up anew from now on. */
  isCurrent({ source }: RowSource): boolean {
    if (this.#catalog.source(source.id) === source) return true;
    this.#byId.clear();
    this.#last = undefined;
    return false;
  }
}
