/** What is kept of the use of the server: calls by month and key, and when points last came. */
import type { LedgerState } from '../journal/ledger.js';

/** A year and the month that is under way. */
const MONTHS_KEPT = 13;

/** Whole numbers, not differences: a change that is replayed twice does no harm. */
export interface UsageChange {
  /** As of `month.ts`. */
  readonly month: number;
  /** Key ids with their calls of the month so far: of the keys that were used since the change before. */
  readonly calls: readonly (readonly [string, number])[];
  /** When points were last stored; null where they never were. */
  readonly storedAt: number | null;
}

interface UsageImage {
  readonly months: readonly (readonly [number, readonly (readonly [string, number])[]])[];
  readonly storedAt: number | null;
}

export class UsageState implements LedgerState<UsageChange> {
  readonly #months = new Map<number, Map<string, number>>();
  #storedAt: number | null = null;

  static fromImage(image: unknown): UsageState {
    const state = new UsageState();
    const { months, storedAt } = image as UsageImage;
    for (const [month, calls] of months) state.apply({ month, calls, storedAt });
    state.#storedAt = storedAt;
    return state;
  }

  toImage(): UsageImage {
    const months = Array.from(this.#months, ([month, calls]) => [month, [...calls]] as const);
    return { months, storedAt: this.#storedAt };
  }

  get storedAt(): number | null {
    return this.#storedAt;
  }

  /** Key ids with their calls; those of keys that are deleted since are calls all the same. */
  callsOf(month: number): ReadonlyMap<string, number> {
    return this.#months.get(month) ?? new Map();
  }

  apply({ month, calls, storedAt }: UsageChange): void {
    let counts = this.#months.get(month);
    if (counts === undefined) {
      counts = new Map();
      this.#months.set(month, counts);
      for (const known of [...this.#months.keys()]) {
        if (known <= month - MONTHS_KEPT) this.#months.delete(known);
      }
    }
    for (const [key, count] of calls) counts.set(key, count);
    this.#storedAt = storedAt;
  }
}
