/** What webhooks ask of the catalog, and tell it. */
import type { Catalog } from '../catalog/catalog.js';
import type { RuleWebhook } from '../catalog/model.js';

export interface WebhooksOfRules {
  /** Of a rule as it is now: null where it has none, undefined where there is no such rule. */
  webhookOf(ruleId: string): RuleWebhook | null | undefined;
  /** The receiver of a rule wants no more. */
  onGone(ruleId: string): Promise<void>;
}

export function webhooksOf(catalog: Catalog): WebhooksOfRules {
  return {
    webhookOf: ruleId => catalog.rule(ruleId)?.webhook,
    onGone: ruleId => catalog.markWebhookGone(ruleId),
  };
}
