/** What is known of each webhook to be sent. Records are never changed, only replaced; times are milliseconds. */

/** Pending ones are tried until they are delivered or fail; dropped ones were never given all their time. */
export type DeliveryStatus = 'pending' | 'delivered' | 'failed' | 'dropped';

export interface Attempt {
  readonly at: number;
  readonly durationMs: number;
  /** Of the answer; null where there was none. */
  readonly status: number | null;
  /** Why it is no success; null where it is one. */
  readonly error: string | null;
  /** The first characters of the answer's body. */
  readonly answer: string;
}

export interface NewDelivery {
  /** Sent as `webhook-id`, the same with each attempt: receivers tell by it what they have already. */
  readonly id: string;
  readonly ruleId: string;
  readonly event: string;
  /** Where to; after an attempt, where that went. */
  readonly url: string;
  /** The body: what is signed is what is kept, so that each attempt sends the same bytes. */
  readonly payload: string;
  readonly createdAt: number;
}

export interface Delivery extends NewDelivery {
  readonly status: DeliveryStatus;
  /** Why it failed or was dropped. */
  readonly reason: string | null;
  /** Since when it is tried: its creation, or when it was asked for again. */
  readonly since: number;
  /** Attempts since then. */
  readonly attempts: number;
  /** When it is due; null where it is not pending. */
  readonly nextAttemptAt: number | null;
  /** The last attempts, oldest first. */
  readonly log: readonly Attempt[];
}

export type Outcome =
  | { readonly status: 'pending'; readonly nextAttemptAt: number }
  | { readonly status: 'delivered' }
  | { readonly status: 'failed'; readonly reason: string };

export type DeliveryChange =
  | { readonly kind: 'put'; readonly delivery: NewDelivery }
  | {
      readonly kind: 'attempted';
      readonly id: string;
      readonly url: string;
      readonly attempt: Attempt;
      readonly outcome: Outcome;
    }
  /** Its time begins again. */
  | { readonly kind: 'replayed'; readonly id: string; readonly at: number }
  | { readonly kind: 'dropped'; readonly id: string; readonly reason: string }
  /** The rule is gone, and all its deliveries go. */
  | { readonly kind: 'forgotten'; readonly ruleId: string };
