/** Sends what the outbox has when it is due, and tells it what came of it. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../engine/base/time.js';
import { WEBHOOKS_IN_FLIGHT_MAX, WEBHOOKS_IN_FLIGHT_OF_ORIGIN_MAX } from '../limits.js';
import { DueQueue } from './due-queue.js';
import { type LaneLimits, Lanes, type Waiting } from './lanes.js';
import type { Attempt, Delivery, DeliveryChange, Outcome } from './model.js';
import type { DeliveryOutbox } from './outbox.js';
import type { WebhooksOfRules } from './rules.js';
import { nextAttemptAt, TRIED_FOR_MS } from './schedule.js';
import type { Sender, Sent } from './sender.js';
import { systemTimers, type Timers } from './timers.js';

/** A clock may be set while we sleep. */
const SLEEP_MAX_MS = 60_000;

/** What is asked of a log; pino's has it. */
export interface DelivererLogger {
  error(context: object, message: string): void;
}

export interface DelivererOptions {
  readonly outbox: DeliveryOutbox;
  readonly sender: Pick<Sender, 'send'>;
  readonly rules: WebhooksOfRules;
  readonly clock: Clock;
  readonly logger: DelivererLogger;
  readonly timers?: Timers;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly limits?: LaneLimits;
}

export interface DeliveryCounts {
  attempts: number;
  delivered: number;
  failed: number;
}

/** One that was due. */
interface Due extends Waiting {
  readonly at: number;
}

const GONE_STATUS = 410;

const NO_WEBHOOK = 'The rule has no webhook any more';

const GONE = `The receiver answered ${GONE_STATUS}: it wants no more webhooks`;

/**
 * At least once: an attempt whose outcome is not durable before a crash is made again, with the same id. There is no
 * promise of order: of a rule one is on its way at a time, the one due first, but one that waits for its next attempt
 * holds up no others.
 */
export class Deliverer {
  readonly counts: DeliveryCounts = { attempts: 0, delivered: 0, failed: 0 };
  readonly #options: DelivererOptions;
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #due = new DueQueue();
  readonly #lanes: Lanes<Due>;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #isStarted = false;
  #cancelTimer: () => void = () => {};

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#random = options.random ?? Math.random;
    // Each attempt on its way listens, and Node.js would take more than ten for a leak.
    setMaxListeners(0, this.#closing.signal);
    this.#lanes = new Lanes(
      options.limits ?? {
        activeMax: WEBHOOKS_IN_FLIGHT_MAX,
        activeOfOriginMax: WEBHOOKS_IN_FLIGHT_OF_ORIGIN_MAX,
      },
    );
  }

  /** Begins with what is pending from before. */
  start(): void {
    this.#isStarted = true;
    const { outbox } = this.#options;
    for (const delivery of outbox.pending()) this.#schedule(delivery);
    outbox.onPending(delivery => {
      this.#schedule(delivery);
      this.#turn();
    });
    this.#turn();
  }

  /** What is on its way is given up, and sent again after the next start. */
  async close(): Promise<void> {
    this.#stop();
    await Promise.all(this.#inFlight);
  }

  #stop(): void {
    this.#cancelTimer();
    this.#closing.abort();
  }

  #schedule({ id, nextAttemptAt }: Delivery): void {
    if (nextAttemptAt !== null) this.#due.add(nextAttemptAt, id);
  }

  #turn(): void {
    if (!this.#isStarted || this.#closing.signal.aborted) return;
    const now = this.#options.clock.now();
    while (this.#due.next !== undefined && this.#due.next <= now) this.#line(this.#due.take()!);
    for (let next = this.#lanes.take(); next !== undefined; next = this.#lanes.take()) this.#begin(next);
    this.#cancelTimer();
    if (this.#due.next === undefined) return;
    const delayMs = Math.min(this.#due.next - now, SLEEP_MAX_MS);
    this.#cancelTimer = this.#timers.set(() => this.#turn(), delayMs);
  }

  #line({ id, at }: { readonly id: string; readonly at: number }): void {
    const delivery = this.#options.outbox.delivery(id);
    if (delivery === undefined) return;
    const url = this.#options.rules.webhookOf(delivery.ruleId)?.url ?? delivery.url;
    const origin = URL.canParse(url) ? new URL(url).origin : '';
    this.#lanes.add({ id, at, ruleId: delivery.ruleId, origin });
  }

  #begin(waiting: Due): void {
    const work = this.#deliver(waiting)
      .catch(error => {
        // Nothing can be recorded: sent all the same, each would be sent again, and again after the next start.
        if (!this.#closing.signal.aborted) {
          this.#options.logger.error({ err: error }, 'webhooks are no longer sent until the next start');
        }
        this.#stop();
      })
      .then(() => {
        this.#inFlight.delete(work);
        this.#lanes.done(waiting);
        this.#turn();
      });
    this.#inFlight.add(work);
  }

  async #deliver({ id, at }: Due): Promise<void> {
    const { outbox, rules, sender } = this.#options;
    const delivery = outbox.delivery(id);
    // What was due when it was lined up may have been sent, replayed or dropped since.
    if (delivery?.nextAttemptAt !== at) return;
    const webhook = rules.webhookOf(delivery.ruleId);
    if (webhook === undefined) {
      await outbox.forget([delivery.ruleId]);
    } else if (webhook === null || webhook.isGone === true) {
      const reason = webhook === null ? NO_WEBHOOK : GONE;
      await outbox.record([{ kind: 'dropped', id, reason }]);
    } else {
      const { signal } = this.#closing;
      const sent = await sender.send(delivery, webhook, signal);
      if (!signal.aborted) await this.#record(id, webhook.url, sent);
    }
  }

  async #record(id: string, url: string, sent: Sent): Promise<void> {
    const { outbox, rules } = this.#options;
    const delivery = outbox.delivery(id);
    // Its rule was deleted, or others have taken its place.
    if (delivery === undefined) return;
    const { attempt } = sent;
    // Of an address that the rule has no more it says nothing of the one it has.
    const isGone = attempt.status === GONE_STATUS && rules.webhookOf(delivery.ruleId)?.url === url;
    const outcome = this.#outcomeOf(delivery, sent, isGone);
    this.#count(outcome);
    const changes: DeliveryChange[] = [{ kind: 'attempted', id, url, attempt, outcome }];
    if (isGone) changes.push(...this.#dropsOf(delivery));
    await Promise.all([outbox.record(changes), isGone && rules.onGone(delivery.ruleId)]);
    const after = outbox.delivery(id);
    if (after !== undefined) this.#schedule(after);
  }

  /** All others of its rule that wait. */
  #dropsOf({ id, ruleId }: Delivery): DeliveryChange[] {
    const others = this.#options.outbox.deliveriesOf(ruleId);
    const waiting = others.filter(other => other.status === 'pending' && other.id !== id);
    return waiting.map(other => ({ kind: 'dropped', id: other.id, reason: GONE }));
  }

  #outcomeOf(delivery: Delivery, { attempt, retryAfterMs }: Sent, isGone: boolean): Outcome {
    if (attempt.error === null) return { status: 'delivered' };
    if (isGone) return { status: 'failed', reason: GONE };
    const tried = { since: delivery.since, attempts: delivery.attempts + 1, retryAfterMs };
    const at = nextAttemptAt(tried, this.#options.clock.now(), this.#random());
    if (at !== undefined) return { status: 'pending', nextAttemptAt: at };
    return { status: 'failed', reason: gaveUp(attempt) };
  }

  #count({ status }: Outcome): void {
    this.counts.attempts++;
    if (status === 'delivered') this.counts.delivered++;
    if (status === 'failed') this.counts.failed++;
  }
}

function gaveUp({ error }: Attempt): string {
  return `It was given up after ${TRIED_FOR_MS / 3_600_000} hours. The last time: ${error}`;
}
