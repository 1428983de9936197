import type { LedgerState } from '../journal/ledger.js';
import { DELIVERY_LIMITS, type DeliveryLimits } from '../limits.js';
import type { Attempt, Delivery, DeliveryChange, NewDelivery } from './model.js';

/** The state as plain data. */
export interface DeliveriesImage {
  /** Those pending in the order of their coming, then the others in the order in which they were settled. */
  readonly deliveries: readonly Delivery[];
}

/** Of one rule, or of all of them: oldest first. */
interface Shelf {
  readonly pending: Map<string, Delivery>;
  readonly settled: Map<string, Delivery>;
}

export const OUTBOX_FULL = 'The outbox was full, and this was the oldest in it';

/**
 * What the changes so far make of the outbox. Limits are kept by the changes themselves, the same each time they are
 * replayed: the oldest make place.
 */
export class DeliveriesState implements LedgerState<DeliveryChange> {
  readonly #limits: DeliveryLimits;
  readonly #all = newShelf();
  readonly #byRule = new Map<string, Shelf>();
  /** Of all deliveries, as `bytesOf` has it. */
  #bytes = 0;

  constructor(limits: DeliveryLimits = DELIVERY_LIMITS) {
    this.#limits = limits;
  }

  static fromImage(image: unknown, limits?: DeliveryLimits): DeliveriesState {
    const state = new DeliveriesState(limits);
    if (image === undefined) return state;
    for (const delivery of (image as DeliveriesImage).deliveries) state.#add(delivery);
    return state;
  }

  toImage(): DeliveriesImage {
    return { deliveries: [...this.pending(), ...this.#all.settled.values()] };
  }

  get pendingCount(): number {
    return this.#all.pending.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  pending(): IterableIterator<Delivery> {
    return this.#all.pending.values();
  }

  delivery(id: string): Delivery | undefined {
    return this.#all.pending.get(id) ?? this.#all.settled.get(id);
  }

  /** Of a rule, oldest first. */
  deliveriesOf(ruleId: string): Delivery[] {
    const shelf = this.#byRule.get(ruleId);
    if (shelf === undefined) return [];
    const deliveries = [...shelf.settled.values(), ...shelf.pending.values()];
    return deliveries.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** Rules of which anything is known. */
  ruleIds(): string[] {
    return [...this.#byRule.keys()];
  }

  /** @throws Error for a kind this version does not know. */
  apply(change: DeliveryChange): void {
    switch (change.kind) {
      case 'put':
        this.#put(change.delivery);
        return;
      case 'attempted':
        this.#attempted(change);
        return;
      case 'replayed':
        this.#replayed(change.id, change.at);
        return;
      case 'dropped':
        this.#drop(change.id, change.reason);
        return;
      case 'forgotten':
        for (const { id } of this.deliveriesOf(change.ruleId)) this.#remove(id);
        return;
      default:
        throw new Error(
          `A newer version wrote a change of deliveries of kind ${(change as { kind: unknown }).kind}`,
        );
    }
  }

  #put(delivery: NewDelivery): void {
    if (this.delivery(delivery.id) !== undefined) return;
    const { createdAt } = delivery;
    this.#add({
      ...delivery,
      status: 'pending',
      reason: null,
      since: createdAt,
      attempts: 0,
      nextAttemptAt: createdAt,
      log: [],
    });
    this.#keepLimits(delivery.ruleId);
  }

  #attempted({ id, url, attempt, outcome }: Extract<DeliveryChange, { kind: 'attempted' }>): void {
    const before = this.delivery(id);
    if (before === undefined) return;
    const log = this.#logOf(before, attempt);
    const tried = { ...before, url, attempts: before.attempts + 1, log };
    if (before.status === 'pending' || outcome.status === 'delivered') {
      this.#replace({
        ...tried,
        status: outcome.status,
        reason: outcome.status === 'failed' ? outcome.reason : null,
        nextAttemptAt: outcome.status === 'pending' ? outcome.nextAttemptAt : null,
      });
    } else {
      // While it was on its way it was dropped: it stays so unless it has arrived.
      this.#replace(tried);
    }
    this.#keepLimits(before.ruleId);
  }

  #logOf(delivery: Delivery, attempt: Attempt): readonly Attempt[] {
    return [...delivery.log, attempt].slice(-this.#limits.attemptsKeptMax);
  }

  #replayed(id: string, at: number): void {
    const before = this.delivery(id);
    if (before === undefined) return;
    this.#replace({ ...before, status: 'pending', reason: null, since: at, attempts: 0, nextAttemptAt: at });
    this.#keepLimits(before.ruleId);
  }

  #drop(id: string, reason: string): void {
    const before = this.#all.pending.get(id);
    if (before !== undefined) this.#replace({ ...before, status: 'dropped', reason, nextAttemptAt: null });
  }

  #keepLimits(ruleId: string): void {
    const { pendingMax, pendingOfRuleMax, bytesMax } = this.#limits;
    const ofRule = this.#byRule.get(ruleId)!.pending;
    while (ofRule.size > pendingOfRuleMax) this.#drop(firstOf(ofRule).id, OUTBOX_FULL);
    const { pending, settled } = this.#all;
    while (pending.size > pendingMax) this.#drop(firstOf(pending).id, OUTBOX_FULL);
    // What is to be sent is worth more than what is only remembered.
    while (this.#bytes > bytesMax && settled.size > 0) this.#remove(firstOf(settled).id);
    while (this.#bytes > bytesMax && pending.size > 0) {
      const { id } = firstOf(pending);
      this.#drop(id, OUTBOX_FULL);
      // Why is all that there is place for.
      this.#replace({ ...this.delivery(id)!, payload: '', log: [] });
    }
  }

  #add(delivery: Delivery): void {
    const { settledMax, settledOfRuleMax } = this.#limits;
    let rule = this.#byRule.get(delivery.ruleId);
    if (rule === undefined) {
      rule = newShelf();
      this.#byRule.set(delivery.ruleId, rule);
    }
    const side = delivery.status === 'pending' ? 'pending' : 'settled';
    this.#all[side].set(delivery.id, delivery);
    rule[side].set(delivery.id, delivery);
    this.#bytes += bytesOf(delivery);
    while (rule.settled.size > settledOfRuleMax) this.#remove(firstOf(rule.settled).id);
    while (this.#all.settled.size > settledMax) this.#remove(firstOf(this.#all.settled).id);
  }

  /** In the place of the one before; behind all others where it was settled, or is no longer. */
  #replace(delivery: Delivery): void {
    const before = this.delivery(delivery.id)!;
    if ((before.status === 'pending') !== (delivery.status === 'pending')) this.#remove(delivery.id);
    else this.#bytes -= bytesOf(before);
    this.#add(delivery);
  }

  #remove(id: string): void {
    const delivery = this.delivery(id)!;
    const rule = this.#byRule.get(delivery.ruleId)!;
    for (const shelf of [this.#all, rule]) {
      shelf.pending.delete(id);
      shelf.settled.delete(id);
    }
    if (rule.pending.size + rule.settled.size === 0) this.#byRule.delete(delivery.ruleId);
    this.#bytes -= bytesOf(delivery);
  }
}

function newShelf(): Shelf {
  return { pending: new Map(), settled: new Map() };
}

function firstOf(deliveries: ReadonlyMap<string, Delivery>): Delivery {
  const [first] = deliveries.values();
  return first;
}

/** About what a delivery takes in memory and in the snapshot, without its texts. */
const DELIVERY_BYTES = 300;
const ATTEMPT_BYTES = 80;

function bytesOf({ url, payload, log }: Delivery): number {
  let bytes = DELIVERY_BYTES + url.length + payload.length;
  for (const { error, answer } of log) bytes += ATTEMPT_BYTES + answer.length + (error?.length ?? 0);
  return bytes;
}
