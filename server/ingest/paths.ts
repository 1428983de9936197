/**
 * What fields a point has, found while its bytes are read. Points of one kind name the same fields in the same order,
 * so each point walks the path of the one before: from a step to the one that followed it last, comparing bytes.
 */
import type { Field, FieldType, Layout } from '../../engine/batch.js';
import { layoutOf } from '../../engine/layout.js';
import { SOURCE_FIELDS_MAX } from '../limits.js';
import { Token } from './token.js';

/** Beyond so many paths all begin anew: clients that name fields in any order make as many as they like. */
const PATHS_MAX = 16_384;

/** Of a value; null stands for no value, and has a step because a later value of the same name would be a second one. */
export type ValueKind = FieldType | 'null';

/** One member of a point: its name as bytes, and where it leads. */
export interface Step {
  /** Name with all that stands around it, in the syntax of the body. */
  readonly token: Token;
  readonly name: string;
  readonly kind: ValueKind;
  readonly to: Path;
}

/** The members of a point so far. */
export class Path {
  /** The step that was taken last: most likely the next one. */
  next: Step | undefined;
  /** How many of the members have a value. */
  readonly valueCount: number;
  readonly hasTexts: boolean;
  readonly #tree: Paths;
  readonly #parent: Path | undefined;
  readonly #name: string;
  readonly #kind: ValueKind;
  readonly #depth: number;
  readonly #steps = new Map<string, Step>();
  #layout: Layout | undefined;

  constructor(tree: Paths, parent: Path | undefined, name: string, kind: ValueKind) {
    this.#tree = tree;
    this.#parent = parent;
    this.#name = name;
    this.#kind = kind;
    this.#depth = parent === undefined ? 0 : parent.#depth + 1;
    this.valueCount = (parent?.valueCount ?? 0) + (kind === 'null' ? 0 : 1);
    this.hasTexts = parent !== undefined && (parent.hasTexts || kind === 'string');
  }

  /** Fields that have a value, in the order of the members. */
  get layout(): Layout {
    this.#layout ??= layoutOf(this.#fields());
    return this.#layout;
  }

  /**
   * The step that a member takes.
   * @param token what `Step.token` will compare with; copied
   * @returns undefined where the point has that member already, or too many
   */
  step(name: string, kind: ValueKind, token: Uint8Array): Step | undefined {
    const key = `${kind}:${name}`;
    let step = this.#steps.get(key);
    if (step === undefined) {
      if (this.#depth >= SOURCE_FIELDS_MAX || this.#has(name)) return undefined;
      step = { token: new Token(token), name, kind, to: new Path(this.#tree, this, name, kind) };
      this.#steps.set(key, step);
      this.#tree.count++;
    }
    this.next = step;
    return step;
  }

  #has(name: string): boolean {
    for (let path: Path = this; path.#parent !== undefined; path = path.#parent) {
      if (path.#name === name) return true;
    }
    return false;
  }

  #fields(): Field[] {
    const fields: Field[] = [];
    for (let path: Path = this; path.#parent !== undefined; path = path.#parent) {
      if (path.#kind !== 'null') fields.push({ name: path.#name, type: path.#kind });
    }
    return fields.reverse();
  }
}

/** All paths of one syntax. */
export class Paths {
  count = 0;
  #root = new Path(this, undefined, '', 'null');

  /** Where a point begins. Ask before a batch, not within: paths of one batch are compared. */
  get root(): Path {
    if (this.count > PATHS_MAX) {
      this.count = 0;
      this.#root = new Path(this, undefined, '', 'null');
    }
    return this.#root;
  }
}
