/**
 * What is known of alert rules beyond what they are: how far each has come, and what it has told. The log carries what
 * was told; how far rules have come lies in the snapshot, and is found again by reading the points since.
 */
import { HOUR_MS } from '../../engine/base/time.js';
import type { LedgerState } from '../journal/ledger.js';
import { RULE_FIRINGS_AGE_MAX_MS, RULE_HISTORY_MAX } from '../limits.js';
import { type Machine, RESTING, rest, type TransitionKind } from './machine.js';

/** A transition that was told. */
export interface Transition {
  readonly kind: TransitionKind;
  /** Counted from 1, over the life of the rule. */
  readonly number: number;
  /** By the server's clock. */
  readonly at: number;
  /** Of the point that made it; null where it was not one. */
  readonly time: number | null;
  /** What was compared at that point; of a long text the beginning. */
  readonly value: number | string | boolean | null;
  readonly reason?: string;
}

/** Place of a row among those of its source: by time, then by arrival. Both are -1 before the first. */
export interface Place {
  readonly time: number;
  readonly row: number;
}

/** How far a rule has come. */
export interface Progress {
  /** Of the rule when it began to be watched as it is. */
  revision: number;
  /** When that was, by the clock. */
  startedAt: number;
  machine: Machine;
  /** Place of the last row that was judged: those before it come late. */
  time: number;
  row: number;
  /** Transitions so far. */
  told: number;
  /** By the clock; null where it never was. */
  triggeredAt: number | null;
}

/** One object a rule for as long as there is one, so that whoever watches the rule may hold it. */
export interface RuleRecord extends Progress {
  /** Oldest first. */
  history: readonly Transition[];
  /** Hours since 1970 in which it fired, each with how often. */
  firings: readonly (readonly [number, number])[];
}

/** One object a source for as long as it has rules. */
export interface SourceRecord {
  /** When points last came, by the clock; 0 where it is not known. Kept for rules of silence. */
  arrivedAt: number;
  /** The latest time of a point that its rules have been shown; -1 where there is none. */
  shownThrough: number;
}

export type AlertChange =
  /** Where a rule has come to, and what it has told on the way. */
  | {
      readonly kind: 'progress';
      readonly ruleId: string;
      readonly progress: Readonly<Progress>;
      readonly transitions: readonly Transition[];
    }
  /** Ordinals of sources, each with the time of the clock when points of it last came. */
  | { readonly kind: 'arrivals'; readonly arrivals: readonly (readonly [number, number])[] };

interface AlertImage {
  readonly rules: readonly (readonly [string, RuleRecord])[];
  readonly sources: readonly (readonly [number, SourceRecord])[];
}

export class AlertState implements LedgerState<AlertChange> {
  readonly rules = new Map<string, RuleRecord>();
  /** By ordinal. */
  readonly sources = new Map<number, SourceRecord>();

  /** Called before the records are read for a snapshot: whoever holds them may be behind with them. */
  settle: () => void = () => {};

  static fromImage(image: unknown): AlertState {
    const state = new AlertState();
    if (image === undefined) return state;
    const { rules, sources } = image as AlertImage;
    for (const [id, record] of rules) state.rules.set(id, record);
    for (const [ordinal, record] of sources) state.sources.set(ordinal, record);
    return state;
  }

  toImage(): AlertImage {
    this.settle();
    return { rules: [...this.rules], sources: [...this.sources] };
  }

  source(ordinal: number): SourceRecord {
    let record = this.sources.get(ordinal);
    if (record === undefined) {
      record = { arrivedAt: 0, shownThrough: -1 };
      this.sources.set(ordinal, record);
    }
    return record;
  }

  apply(change: AlertChange): void {
    switch (change.kind) {
      case 'progress':
        this.#applyProgress(change.ruleId, change.progress, change.transitions);
        return;
      case 'arrivals':
        for (const [ordinal, at] of change.arrivals) this.source(ordinal).arrivedAt = at;
        return;
      default:
        throw new Error(
          `A newer version wrote a change of alerts of kind ${(change as { kind: unknown }).kind}`,
        );
    }
  }

  /** Where a rule has come to, in its one record. */
  put(ruleId: string, progress: Progress): RuleRecord {
    let record = this.rules.get(ruleId);
    if (record === undefined) {
      record = { ...progress, history: [], firings: [] };
      this.rules.set(ruleId, record);
    }
    record.revision = progress.revision;
    record.startedAt = progress.startedAt;
    record.machine = progress.machine;
    record.time = progress.time;
    record.row = progress.row;
    record.told = progress.told;
    record.triggeredAt = progress.triggeredAt;
    return record;
  }

  /** Forgets rules and sources that are gone. */
  keep(isRule: (id: string) => boolean, isSource: (ordinal: number) => boolean): void {
    for (const id of this.rules.keys()) if (!isRule(id)) this.rules.delete(id);
    for (const ordinal of this.sources.keys()) if (!isSource(ordinal)) this.sources.delete(ordinal);
  }

  #applyProgress(ruleId: string, progress: Progress, transitions: readonly Transition[]): void {
    const record = this.put(ruleId, progress);
    // A snapshot may have what the first record after it says.
    const known = record.history.at(-1)?.number ?? 0;
    const fresh = transitions.filter(({ number }) => number > known);
    if (fresh.length === 0) return;
    record.history = [...record.history, ...fresh].slice(-RULE_HISTORY_MAX);
    for (const { kind, at } of fresh) {
      if (kind === 'triggered') record.firings = countedAt(record.firings, at);
    }
  }
}

/** As it is now, for the log. */
export function progressOf(record: Progress): Progress {
  const { revision, startedAt, machine, time, row, told, triggeredAt } = record;
  return { revision, startedAt, machine, time, row, told, triggeredAt };
}

/** Of a rule that begins to be watched as it is, with what was told of it before. */
export function beginning(
  revision: number,
  startedAt: number,
  { time, row }: Place,
  before: Progress | undefined,
): Progress {
  const { told = 0, triggeredAt = null, machine = RESTING } = before ?? {};
  // A rule that is changed, or paused for a moment, does not get around its cooldown.
  return { revision, startedAt, machine: rest(machine), time, row, told, triggeredAt };
}

function countedAt(firings: RuleRecord['firings'], at: number): RuleRecord['firings'] {
  const hour = Math.floor(at / HOUR_MS);
  const from = hour - RULE_FIRINGS_AGE_MAX_MS / HOUR_MS;
  const kept = firings.filter(([other]) => other !== hour && other >= from);
  const count = firings.find(([other]) => other === hour)?.[1] ?? 0;
  return [...kept, [hour, count + 1]];
}
