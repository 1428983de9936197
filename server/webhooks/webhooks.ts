/** Everything of webhooks, put together: whoever has notifications gives them to `outbox`, and URLs to `gate`. */
import type { LogParticipant, RecordLog } from '../../wal/records.js';
import { AddressRules, type AllowedAddresses } from './addresses.js';
import { Deliverer, type DelivererOptions } from './deliverer.js';
import { Destinations, type Resolve } from './destinations.js';
import { WebhookGate } from './gate.js';
import { DeliveryOutbox, type OutboxOptions } from './outbox.js';
import type { WebhooksOfRules } from './rules.js';
import { Sender } from './sender.js';

export interface WebhooksOptions
  extends OutboxOptions,
    Pick<DelivererOptions, 'rules' | 'logger' | 'timers' | 'random'> {
  /** Addresses that are not public and may be called all the same. */
  readonly allowed: AllowedAddresses;
  readonly resolve?: Resolve;
}

export class Webhooks {
  readonly outbox: DeliveryOutbox;
  readonly gate: WebhookGate;
  readonly deliverer: Deliverer;
  readonly #rules: WebhooksOfRules;

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open(options: WebhooksOptions): Promise<Webhooks> {
    const { disk, directory, clock, limits } = options;
    return new Webhooks(await DeliveryOutbox.open({ disk, directory, clock, limits }), options);
  }

  private constructor(outbox: DeliveryOutbox, options: WebhooksOptions) {
    const { clock, rules, logger, timers, random } = options;
    const destinations = new Destinations(new AddressRules(options.allowed), options.resolve);
    const sender = new Sender({ destinations, clock });
    this.outbox = outbox;
    this.gate = new WebhookGate(destinations);
    this.deliverer = new Deliverer({ outbox, sender, rules, clock, logger, timers, random });
    this.#rules = rules;
  }

  get participant(): LogParticipant {
    return this.outbox.participant;
  }

  /** The rules are known by now: what a crash between two records has left of others is forgotten. */
  async start(log: RecordLog): Promise<void> {
    this.outbox.start(log);
    const gone = this.outbox.ruleIds().filter(id => this.#rules.webhookOf(id) === undefined);
    await this.outbox.forget(gone);
  }

  /** Begins to send. */
  deliver(): void {
    this.deliverer.start();
  }

  async close(): Promise<void> {
    await this.deliverer.close();
    await this.outbox.save();
  }
}
