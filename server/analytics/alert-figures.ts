/** What analytics tell of alerts, whoever keeps them. Times are milliseconds. */

export interface AlertFigures {
  /** Rules of the organization. */
  ruleCount(): number;
  /** Rules of a bucket that are not paused. */
  activeCount(bucketId: string): number;
  /** When a rule of the organization last fired; null where none ever did. */
  lastTriggeredAt(): number | null;
  /** How often rules of the organization have fired since a time. */
  triggeredSince(time: number): number;
  /** The same of the rules of a bucket, one by one; those that never did since then may be left out. */
  triggeredByRule(
    bucketId: string,
    since: number,
  ): readonly { readonly name: string; readonly count: number }[];
}

/** Of a server without rules. */
export const NO_ALERTS: AlertFigures = {
  ruleCount: () => 0,
  activeCount: () => 0,
  lastTriggeredAt: () => null,
  triggeredSince: () => 0,
  triggeredByRule: () => [],
};
