/** Everything of webhooks, put together: whoever has notifications gives them to `outbox`, and URLs to `gate`. */
import type { LogParticipant, RecordLog } from '../../wal/records.js';
import { AddressRules, type AllowedAddresses } from './addresses.js';
import { Deliverer, type DelivererOptions } from './deliverer.js';
import { Destinations, type Resolve } from './destinations.js';
import { WebhookGate } from './gate.js';
import { DeliveryOutbox, type OutboxOptions } from './outbox.js';
import { Sender } from './sender.js';

export interface WebhooksOptions
  extends OutboxOptions,
    Pick<DelivererOptions, 'webhookOf' | 'onGone' | 'logger' | 'timers' | 'random'> {
  /** Addresses that are not public and may be called all the same. */
  readonly allowed: AllowedAddresses;
  readonly resolve?: Resolve;
}

export class Webhooks {
  readonly outbox: DeliveryOutbox;
  readonly gate: WebhookGate;
  readonly deliverer: Deliverer;
  readonly #webhookOf: DelivererOptions['webhookOf'];

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open(options: WebhooksOptions): Promise<Webhooks> {
    const { disk, directory, clock, limits } = options;
    return new Webhooks(await DeliveryOutbox.open({ disk, directory, clock, limits }), options);
  }

  private constructor(outbox: DeliveryOutbox, options: WebhooksOptions) {
    const { clock, webhookOf, onGone, logger, timers, random } = options;
    const destinations = new Destinations(new AddressRules(options.allowed), options.resolve);
    const sender = new Sender({ destinations, clock });
    this.outbox = outbox;
    this.gate = new WebhookGate(destinations);
    this.deliverer = new Deliverer({ outbox, sender, webhookOf, onGone, clock, logger, timers, random });
    this.#webhookOf = webhookOf;
  }

  get participant(): LogParticipant {
    return this.outbox.participant;
  }

  start(log: RecordLog): void {
    this.outbox.start(log);
  }

  /** Begins to deliver, and forgets what a crash between two records has left of rules that are gone. */
  async deliver(): Promise<void> {
    const gone = this.outbox.ruleIds().filter(id => this.#webhookOf(id) === undefined);
    await this.outbox.forget(gone);
    this.deliverer.start();
  }

  async close(): Promise<void> {
    await this.deliverer.close();
    await this.outbox.save();
  }
}
