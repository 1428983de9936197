/** Webhooks to be sent, and what became of them: durable before the first attempt, until they are delivered or given up. */
import type { Clock } from '../../engine/base/time.js';
import type { Disk } from '../../wal/disk.js';
import type { LogParticipant, RecordLog } from '../../wal/records.js';
import type { Notification, Outbox } from '../alerts/notification.js';
import { DELIVERIES_FILE } from '../journal/files.js';
import { Ledger } from '../journal/ledger.js';
import type { DeliveryLimits } from '../limits.js';
import type { Delivery, DeliveryChange, NewDelivery } from './model.js';
import { payloadOf } from './payload.js';
import { DeliveriesState } from './state.js';

export interface OutboxOptions {
  readonly disk: Disk;
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly limits?: DeliveryLimits;
}

/** As the catalog's, its changes are in the state when a call returns, and durable when its promise resolves. */
export class DeliveryOutbox implements Outbox {
  readonly #ledger: Ledger<DeliveryChange, DeliveriesState>;
  readonly #clock: Clock;
  #onPending: (delivery: Delivery) => void = () => {};

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open(options: OutboxOptions): Promise<DeliveryOutbox> {
    const { limits, ...rest } = options;
    const ledger = await Ledger.open<DeliveryChange, DeliveriesState>({
      ...rest,
      file: DELIVERIES_FILE,
      stateOf: image => DeliveriesState.fromImage(image, limits),
    });
    return new DeliveryOutbox(ledger, options.clock);
  }

  private constructor(ledger: Ledger<DeliveryChange, DeliveriesState>, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  get participant(): LogParticipant {
    return this.#ledger.participant;
  }

  start(log: RecordLog): void {
    this.#ledger.start(log);
  }

  save(): Promise<void> {
    return this.#ledger.save();
  }

  /** Called whenever something new is pending, and durable. */
  onPending(listener: (delivery: Delivery) => void): void {
    this.#onPending = listener;
  }

  get pendingCount(): number {
    return this.#ledger.state.pendingCount;
  }

  pending(): Iterable<Delivery> {
    return this.#ledger.state.pending();
  }

  delivery(id: string): Delivery | undefined {
    return this.#ledger.state.delivery(id);
  }

  /** Rules that have any. */
  ruleIds(): string[] {
    return this.#ledger.state.ruleIds();
  }

  /** Oldest first. */
  deliveriesOf(ruleId: string): Delivery[] {
    return this.#ledger.state.deliveriesOf(ruleId);
  }

  async put(notifications: readonly Notification[]): Promise<void> {
    const fresh = notifications.filter(({ id }) => this.delivery(id) === undefined);
    if (fresh.length === 0) return;
    await this.#ledger.commit(
      fresh.map(notification => ({ kind: 'put', delivery: deliveryOf(notification) })),
    );
    for (const { id } of fresh) this.#announce(id);
  }

  /** What came of an attempt. */
  async record(changes: readonly DeliveryChange[]): Promise<void> {
    await this.#ledger.commit(changes);
  }

  /** Sends a delivery again, with the same id, whatever has become of it. */
  async replay(id: string): Promise<void> {
    await this.#ledger.commit([{ kind: 'replayed', id, at: this.#clock.now() }]);
    this.#announce(id);
  }

  /** Of rules that are gone: what they have not sent is not sent. */
  async forget(ruleIds: readonly string[]): Promise<void> {
    const known = new Set(this.ruleIds());
    const changes = ruleIds
      .filter(id => known.has(id))
      .map(ruleId => ({ kind: 'forgotten' as const, ruleId }));
    if (changes.length > 0) await this.#ledger.commit(changes);
  }

  #announce(id: string): void {
    const delivery = this.delivery(id);
    if (delivery?.status === 'pending') this.#onPending(delivery);
  }
}

function deliveryOf(notification: Notification): NewDelivery {
  const { id, ruleId, event, url, at } = notification;
  return { id, ruleId, event, url, payload: payloadOf(notification), createdAt: at };
}
