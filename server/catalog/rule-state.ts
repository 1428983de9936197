import { assert } from '../../engine/base/assert.js';
import { childrenOf, dropChild } from './children.js';
import type { AlertRule, DataSource } from './model.js';

const NONE: readonly AlertRule[] = [];

/** The alert rules of the catalog. */
export class RuleState {
  readonly all = new Map<string, AlertRule>();
  /** Grows with each change of any rule. */
  version = 0;
  readonly #byBucket = new Map<string, Map<string, AlertRule>>();
  /** By ordinal of the source. A list is never changed but replaced: whoever has looked at it knows it again. */
  readonly #byOrdinal = new Map<number, readonly AlertRule[]>();
  readonly #ordinals = new Map<string, number>();

  of(bucketId: string): ReadonlyMap<string, AlertRule> {
    return this.#byBucket.get(bucketId) ?? new Map();
  }

  /** Oldest first. */
  ofOrdinal(ordinal: number): readonly AlertRule[] | undefined {
    return this.#byOrdinal.get(ordinal);
  }

  put(rule: AlertRule, { ordinal }: DataSource): void {
    const known = this.#ordinals.get(rule.id);
    assert(known === undefined || known === ordinal, 'a rule keeps its source');
    const rules = this.#byOrdinal.get(ordinal) ?? NONE;
    this.#byOrdinal.set(
      ordinal,
      known === undefined ? [...rules, rule] : rules.map(other => (other.id === rule.id ? rule : other)),
    );
    this.all.set(rule.id, rule);
    this.#ordinals.set(rule.id, ordinal);
    childrenOf(this.#byBucket, rule.bucketId).set(rule.id, rule);
    this.version++;
  }

  drop(id: string): void {
    const rule = this.all.get(id);
    const ordinal = this.#ordinals.get(id);
    if (rule === undefined || ordinal === undefined) return;
    const left = (this.#byOrdinal.get(ordinal) ?? NONE).filter(other => other.id !== id);
    if (left.length === 0) this.#byOrdinal.delete(ordinal);
    else this.#byOrdinal.set(ordinal, left);
    this.all.delete(id);
    this.#ordinals.delete(id);
    dropChild(this.#byBucket, rule.bucketId, id);
    this.version++;
  }

  /** All of a source. */
  dropOf({ ordinal }: DataSource): void {
    for (const { id } of this.#byOrdinal.get(ordinal) ?? NONE) this.drop(id);
  }
}
