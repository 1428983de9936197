/** Whose turn it is: what is due waits in a lane for each receiver, so that one that never answers holds only its own. */
export interface Waiting {
  readonly id: string;
  readonly ruleId: string;
  /** Scheme, host and port. */
  readonly origin: string;
}

interface Lane<One> {
  readonly waiting: One[];
  active: number;
}

export interface LaneLimits {
  readonly activeMax: number;
  readonly activeOfOriginMax: number;
}

/** Of one rule one is on its way at a time, and of one receiver a few; receivers take turns. */
export class Lanes<One extends Waiting = Waiting> {
  readonly #limits: LaneLimits;
  readonly #lanes = new Map<string, Lane<One>>();
  readonly #busyRules = new Set<string>();
  #active = 0;

  constructor(limits: LaneLimits) {
    this.#limits = limits;
  }

  add(waiting: One): void {
    let lane = this.#lanes.get(waiting.origin);
    if (lane === undefined) {
      lane = { waiting: [], active: 0 };
      this.#lanes.set(waiting.origin, lane);
    }
    lane.waiting.push(waiting);
  }

  /** Takes the next that may start; undefined where none may. Give it back to `done`. */
  take(): One | undefined {
    if (this.#active >= this.#limits.activeMax) return undefined;
    for (const [origin, lane] of this.#lanes) {
      if (lane.active >= this.#limits.activeOfOriginMax) continue;
      const index = lane.waiting.findIndex(({ ruleId }) => !this.#busyRules.has(ruleId));
      if (index < 0) continue;
      const [taken] = lane.waiting.splice(index, 1);
      lane.active++;
      this.#active++;
      this.#busyRules.add(taken.ruleId);
      // Behind all others: it is their turn now.
      this.#lanes.delete(origin);
      this.#lanes.set(origin, lane);
      return taken;
    }
    return undefined;
  }

  done({ ruleId, origin }: Waiting): void {
    const lane = this.#lanes.get(origin)!;
    lane.active--;
    this.#active--;
    this.#busyRules.delete(ruleId);
    if (lane.active === 0 && lane.waiting.length === 0) this.#lanes.delete(origin);
  }
}
