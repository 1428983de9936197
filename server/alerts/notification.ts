/** What an alert rule has to tell: made by the state machine, kept and sent by the outbox. */

/** A rule of silence triggers as any other does: its data have no value and no point. */
export type AlertEvent = 'alert.triggered' | 'alert.resolved';

export interface Notification {
  /**
   * 24 hex digits, made of the rule and the number of its transition: the same transition found again after a crash
   * has the same id, so that an outbox which holds it already, or has sent it, can tell.
   */
  readonly id: string;
  readonly event: AlertEvent;
  readonly ruleId: string;
  readonly bucketId: string;
  /** Where to; the secrets that sign it are those of the rule when it is sent. */
  readonly url: string;
  /** Of the transition, by the server's clock; milliseconds. */
  readonly at: number;
  readonly data: NotificationData;
}

/** As it is sent, in JSON: times are ISO 8601. */
export interface NotificationData {
  readonly alertId: string;
  readonly alertName: string;
  readonly dataSourceId: string;
  readonly dataSourceName: string;
  /** The sentence, as it was written. */
  readonly condition: string;
  /** Of the point that made the transition: what was compared, so a window's average where the rule has one. */
  readonly currentValue: number | string | boolean | null;
  /** Both ends of a range; null where there is none, as for silence. Of a combination that of the part that decided. */
  readonly threshold: number | string | boolean | readonly [number, number] | null;
  /** `>` and the like, `between`, `outside`, `rises`, `falls`, `no_data`. */
  readonly operator: string;
  readonly triggeredAt: string;
  /** Where it is resolved. */
  readonly resolvedAt?: string;
  /** Why it is resolved where it is not the data: `paused` or `changed`. */
  readonly reason?: string;
  /** The point that made the transition; null where it was not one. */
  readonly dataPoint: NotificationPoint | null;
}

export interface NotificationPoint {
  readonly timestamp: string;
  readonly values: Readonly<Record<string, number | string | boolean>>;
  readonly metadata: unknown;
}

/** Where notifications go. */
export interface Outbox {
  /**
   * Takes notifications for delivery. Those before the first await of it are in the log before whatever the caller
   * appends next: a transition is never durable without its notification. Ids that were put before are left out.
   */
  put(notifications: readonly Notification[]): Promise<void>;
}
