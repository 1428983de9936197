/** Transitions of rules, made into what is recorded and what is sent. */
import { createHash } from 'node:crypto';
import type { AlertRule, DataSource } from '../catalog/model.js';
import { RULE_TEXT_CHARACTERS_MAX } from '../limits.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { Comparator } from './condition.js';
import type { Evidence } from './evaluator.js';
import type { TransitionKind } from './machine.js';
import type { AlertEvent, Notification, NotificationPoint } from './notification.js';
import { type AlertChange, progressOf, type RuleRecord, type Transition } from './state.js';

const ID_CHARACTERS = 24;

export const EVENTS: Readonly<Record<TransitionKind, AlertEvent>> = {
  triggered: 'alert.triggered',
  resolved: 'alert.resolved',
};

const SYMBOLS: Readonly<Record<Comparator, string>> = {
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  eq: '==',
  ne: '!=',
};

/** What made a transition. */
export interface Cause {
  readonly kind: TransitionKind;
  /** By the clock. */
  readonly at: number;
  /** Of the point; null, as all else, where it was not one. */
  readonly time: number | null;
  readonly evidence: Evidence | null;
  /** Asked for only where somebody is told. */
  readonly point: (() => NotificationPoint) | null;
  readonly reason?: string;
}

/** What the rules of a source have to tell after a batch: all of it becomes durable together. */
export class Told {
  readonly #sourceOf: (rule: AlertRule) => DataSource | undefined;
  readonly notifications: Notification[] = [];
  readonly #transitions = new Map<string, { rule: AlertRule; record: RuleRecord; list: Transition[] }>();

  constructor(sourceOf: (rule: AlertRule) => DataSource | undefined) {
    this.#sourceOf = sourceOf;
  }

  /** The record counts the transition; its machine has made it already. */
  add(rule: AlertRule, record: RuleRecord, cause: Cause): void {
    record.told++;
    if (cause.kind === 'triggered') record.triggeredAt = cause.at;
    const { kind, at, time, evidence, reason } = cause;
    const value = keptOf(evidence?.value ?? null);
    const transition = {
      kind,
      number: record.told,
      at,
      time,
      value,
      ...(reason !== undefined && { reason }),
    };
    this.touch(rule, record).push(transition);
    const { webhook } = rule;
    const source = this.#sourceOf(rule);
    if (webhook !== null && webhook.isGone !== true && source !== undefined) {
      this.notifications.push(notificationOf(rule, source, record, cause, webhook.url));
    }
  }

  /** The rule's progress is recorded too, where it has told nothing. */
  touch(rule: AlertRule, record: RuleRecord): Transition[] {
    const known = this.#transitions.get(rule.id);
    if (known !== undefined) return known.list;
    const list: Transition[] = [];
    this.#transitions.set(rule.id, { rule, record, list });
    return list;
  }

  get isEmpty(): boolean {
    return this.#transitions.size === 0;
  }

  get transitionCount(): number {
    let count = 0;
    for (const { list } of this.#transitions.values()) count += list.length;
    return count;
  }

  /** Where the rules have come to by now. */
  changes(): AlertChange[] {
    return Array.from(this.#transitions.values(), ({ rule, record, list }) => ({
      kind: 'progress',
      ruleId: rule.id,
      progress: progressOf(record),
      transitions: list,
    }));
  }
}

/** What is remembered of a value: texts may be long, and there are many rules with many transitions. */
function keptOf(value: Transition['value']): Transition['value'] {
  if (typeof value !== 'string' || value.length <= RULE_TEXT_CHARACTERS_MAX) return value;
  const beginning = value.slice(0, RULE_TEXT_CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, '');
  // A copy: a slice would keep the whole text in memory.
  return Buffer.from(beginning).toString();
}

function notificationOf(
  rule: AlertRule,
  source: DataSource,
  record: RuleRecord,
  cause: Cause,
  url: string,
): Notification {
  const { kind, at, evidence, reason } = cause;
  return {
    id: idOf(rule.id, record.told),
    event: EVENTS[kind],
    ruleId: rule.id,
    bucketId: rule.bucketId,
    url,
    at,
    data: {
      alertId: rule.id,
      alertName: rule.name,
      dataSourceId: source.id,
      dataSourceName: source.name,
      condition: rule.condition,
      currentValue: evidence?.value ?? null,
      ...comparedWith(rule, evidence),
      triggeredAt: formatTimestamp(record.triggeredAt ?? at),
      ...(kind === 'resolved' && { resolvedAt: formatTimestamp(at) }),
      ...(reason !== undefined && { reason }),
      dataPoint: cause.point?.() ?? null,
    },
  };
}

/** Of the part of the condition that decided; of the whole where no point did. */
function comparedWith({ parsedCondition }: AlertRule, evidence: Evidence | null) {
  const part = evidence?.part ?? parsedCondition;
  if ('low' in part) return { threshold: [part.low, part.high] as const, operator: part.operator };
  const threshold = 'value' in part ? part.value : null;
  const symbol = SYMBOLS[part.operator as Comparator];
  return { threshold, operator: symbol ?? part.operator };
}

/** The same for the same transition, should a crash lose the record of it and keep its notification. */
function idOf(ruleId: string, number: number): string {
  return createHash('sha256').update(`${ruleId}:${number}`).digest('hex').slice(0, ID_CHARACTERS);
}
