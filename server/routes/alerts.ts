import type { Condition } from '../alerts/condition.js';
import { dryRun } from '../alerts/dry-run.js';
import type { RuleRecord } from '../alerts/state.js';
import { EVENTS } from '../alerts/told.js';
import { knownTypes } from '../catalog/fields.js';
import type { AlertRule, Bucket, DataSource, RuleWebhook } from '../catalog/model.js';
import { keepFromOf } from '../catalog/retention.js';
import { ApiError } from '../errors.js';
import { jsonReply } from '../http/json.js';
import { BUCKET_RULES_MAX, SOURCE_RULES_MAX } from '../limits.js';
import {
  COOLDOWN_MINUTES_DEFAULT,
  createRuleSchema,
  parseRange,
  parseSentence,
  type SentenceBody,
  sentenceOf,
  testRuleSchema,
  updateRuleSchema,
} from '../schemas/alerts.js';
import { isId, paginationOf, parsePage } from '../schemas/common.js';
import { formatTimestamp, formatTimestampOrNull } from '../schemas/timestamp.js';
import { newSecret } from '../webhooks/signature.js';
import { defineRoute, type Route, type Services } from './route.js';

export const alertRoutes: readonly Route[] = [
  defineRoute({
    method: 'POST',
    path: '/api/alerts',
    access: { who: 'writers', action: 'create alert rules' },
    writes: true,
    writesBucket: true,
    bucketInBody: true,
    body: createRuleSchema,
    checkForm(body) {
      checkSourceId(body.dataSourceId);
      sentenceOf(body);
    },
    handle: async ({ services, bucket, body }) => {
      const { catalog, alerts } = services;
      const url = body.webhookUrl ?? null;
      const check = () => {
        const source = sourceOf(services, bucket, body.dataSourceId);
        refuseMany(services, source);
        return { source, parsedCondition: parseFor(services, source, body) };
      };
      // All that can be refused is, before anything is asked of the network, and again after it: the source may be gone.
      check();
      if (url !== null) await services.webhooks.gate.check(url);
      const { source, parsedCondition } = check();
      const created = catalog.createRule(bucket.id, {
        sourceId: source.id,
        name: body.name,
        condition: sentenceOf(body),
        parsedCondition,
        webhook: url === null ? null : { url, secret: newSecret() },
        cooldownMinutes: body.cooldownMinutes ?? COOLDOWN_MINUTES_DEFAULT,
      });
      // In this turn: points that are stored from now on are looked at.
      alerts.refresh(source.ordinal);
      const rule = await created;
      const { lastTriggeredAt: _, state: __, updatedAt: ___, ...view } = ruleView(services, rule);
      const alertRule = { ...view, ...secretView(rule.webhook) };
      return jsonReply(201, { message: 'Alert rule created successfully', alertRule });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/alerts/test',
    access: { who: 'readers' },
    bucketInBody: true,
    body: testRuleSchema,
    checkForm(body, { clock }) {
      checkSourceId(body.dataSourceId);
      sentenceOf(body);
      parseRange(body, clock.now());
    },
    handle: async ({ services, bucket, body, signal }) => {
      const { storage, queries, clock } = services;
      const now = clock.now();
      const source = sourceOf(services, bucket, body.dataSourceId);
      const given = parseRange(body, now);
      const condition = parseFor(services, source, body);
      const { firstTime = now } = storage.stats(source.ordinal);
      const kept = keepFromOf(bucket, now);
      // Silence of what is yet to come is none.
      const endTime = Math.min(given.endTime ?? now, now) + 1;
      const startTime = Math.min(Math.max(given.startTime ?? firstTime, kept), endTime);
      const { cooldownMinutes = COOLDOWN_MINUTES_DEFAULT } = body;
      const run = { source: source.ordinal, condition, cooldownMinutes, startTime, endTime };
      const { firings, hasMore, pointsScanned } = await queries.read(
        [source.ordinal],
        signal,
        async (readable, progress) => {
          const result = await dryRun(readable, run, progress);
          return { ...result, pointsScanned: progress.rowsScanned };
        },
      );
      return jsonReply(200, {
        firings: firings.map(({ triggeredAt, resolvedAt, value }) => ({
          triggeredAt: formatTimestamp(triggeredAt),
          resolvedAt: formatTimestampOrNull(resolvedAt),
          value,
        })),
        parsedCondition: condition,
        metadata: {
          count: firings.length,
          hasMore,
          startTime: formatTimestamp(startTime),
          endTime: formatTimestamp(endTime - 1),
          pointsScanned,
        },
      });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/alerts',
    access: { who: 'readers' },
    handle: ({ services, bucket, query }) => {
      const rules = services.catalog.rules(bucket.id, parsePage(query));
      return jsonReply(200, { alertRules: rules.map(rule => listedView(services, rule)) });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/alerts/:alertId',
    access: { who: 'readers' },
    handle: ({ services, rule }) => jsonReply(200, { alertRule: ruleView(services, rule) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/buckets/:bucketId/alerts/:alertId/history',
    access: { who: 'readers' },
    handle: ({ services: { alerts }, rule, query }) => {
      const page = parsePage(query);
      const { history = [] } = alerts.record(rule.id) ?? {};
      const found = history.slice(page.offset, page.offset + page.limit).map(transitionView);
      return jsonReply(200, { history: found, pagination: paginationOf(page, found.length, history.length) });
    },
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/buckets/:bucketId/alerts/:alertId',
    access: { who: 'writers', action: 'update alert rules' },
    writes: true,
    writesBucket: true,
    body: updateRuleSchema,
    handle: async ({ services, bucket, rule: { id, sourceId }, body }) => {
      const { catalog, alerts } = services;
      const { name, webhookUrl, cooldownMinutes, status } = body;
      const hasSentence = body.condition !== undefined || body.naturalLanguageQuery !== undefined;
      const check = () => {
        const rule = catalog.rule(id);
        if (rule === undefined) throw new ApiError('ALERT_NOT_FOUND');
        const source = sourceOf(services, bucket, sourceId);
        return { rule, source, parsedCondition: hasSentence ? parseFor(services, source, body) : undefined };
      };
      check();
      if (typeof webhookUrl === 'string') await services.webhooks.gate.check(webhookUrl);
      const { rule, source, parsedCondition } = check();
      const webhook = webhookUrl === undefined ? rule.webhook : webhookOf(rule.webhook, webhookUrl);
      const changed = catalog.updateRule(rule, {
        ...(name !== undefined && { name }),
        ...(parsedCondition !== undefined && { condition: sentenceOf(body), parsedCondition }),
        ...(cooldownMinutes !== undefined && { cooldownMinutes }),
        ...(status !== undefined && { status }),
        webhook,
      });
      alerts.refresh(source.ordinal);
      const alertRule = {
        ...ruleView(services, await changed),
        // The first secret of the rule: nobody has been shown it.
        ...(rule.webhook === null && secretView(webhook)),
      };
      return jsonReply(200, { message: 'Alert rule updated successfully', alertRule });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/buckets/:bucketId/alerts/:alertId',
    access: { who: 'writers', action: 'delete alert rules' },
    writes: true,
    writesBucket: true,
    handle: async ({ services: { catalog, alerts }, rule }) => {
      const deleted = catalog.deleteRule(rule.id);
      const source = catalog.source(rule.sourceId);
      if (source !== undefined) alerts.refresh(source.ordinal);
      await deleted;
      return jsonReply(200, {
        message: 'Alert rule deleted successfully',
        deletedAlertRule: { _id: rule.id, name: rule.name },
      });
    },
  }),
];

function checkSourceId(id: string): void {
  if (!isId(id)) throw new ApiError('INVALID_SOURCE_ID');
}

function sourceOf({ catalog }: Services, bucket: Bucket, id: string): DataSource {
  checkSourceId(id);
  const source = catalog.source(id);
  if (source?.bucketId !== bucket.id) throw new ApiError('SOURCE_NOT_FOUND');
  return source;
}

function refuseMany({ catalog }: Services, { bucketId, ordinal }: DataSource): void {
  if ((catalog.rulesOf(ordinal)?.length ?? 0) >= SOURCE_RULES_MAX) throw new ApiError('TOO_MANY_RULES');
  if (catalog.ruleCount(bucketId) < BUCKET_RULES_MAX) return;
  throw new ApiError('TOO_MANY_RULES', { message: `A bucket has at most ${BUCKET_RULES_MAX} alert rules` });
}

function parseFor({ storage }: Services, source: DataSource, body: SentenceBody): Condition {
  return parseSentence(body, knownTypes(storage, source));
}

/** Another address has the secret that the rule has: whoever knows it is asked to rotate it where that is wanted. */
function webhookOf(before: RuleWebhook | null, url: string | null): RuleWebhook | null {
  if (url === null) return null;
  if (before === null) return { url, secret: newSecret() };
  const { isGone: _, ...webhook } = before;
  return { ...webhook, url };
}

function secretView(webhook: RuleWebhook | null) {
  return webhook === null ? {} : { webhookSecret: webhook.secret };
}

function ruleView({ alerts, clock }: Services, rule: AlertRule) {
  const record = alerts.record(rule.id);
  return {
    _id: rule.id,
    bucketId: rule.bucketId,
    dataSourceId: rule.sourceId,
    name: rule.name,
    condition: rule.condition,
    parsedCondition: rule.parsedCondition,
    webhookUrl: rule.webhook?.url ?? null,
    status: rule.status,
    cooldownMinutes: rule.cooldownMinutes,
    lastTriggeredAt: formatTimestampOrNull(record?.triggeredAt ?? null),
    state: stateOf(rule, record, clock.now()),
    createdAt: formatTimestamp(rule.createdAt),
    updatedAt: formatTimestamp(rule.updatedAt),
  };
}

/** In a list of the bucket's own. */
function listedView(services: Services, rule: AlertRule) {
  const { bucketId: _, updatedAt: __, ...view } = ruleView(services, rule);
  return view;
}

/** What a rule is doing, in a word. */
function stateOf(rule: AlertRule, record: Readonly<RuleRecord> | undefined, now: number): string {
  if (rule.status === 'paused') return 'paused';
  const { phase = 'ok', cooldownUntil = 0 } = record?.machine ?? {};
  if (phase === 'firing') return rule.parsedCondition.operator === 'no_data' ? 'no_data' : 'firing';
  return now < cooldownUntil ? 'cooldown' : phase;
}

function transitionView({ kind, at, time, value, reason }: RuleRecord['history'][number]) {
  return {
    event: EVENTS[kind],
    timestamp: formatTimestamp(at),
    value,
    dataPointTimestamp: formatTimestampOrNull(time),
    ...(reason !== undefined && { reason }),
  };
}
