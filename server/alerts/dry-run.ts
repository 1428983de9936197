/** When a condition would have fired over a past range: what the machine makes of the points, by their own times. */
import { MINUTE_MS, SECOND_MS } from '../../engine/base/time.js';
import type { Progress } from '../../engine/query/progress.js';
import type { Readable, TimeRange } from '../../engine/storage.js';
import { DRY_RUN_FIRINGS_MAX } from '../limits.js';
import type { Condition, NoData, PointCondition } from './condition.js';
import { compileCondition } from './evaluate.js';
import { fieldsOf } from './fields.js';
import { type Machine, RESTING, step, type Terms, termsOf, transitionBetween } from './machine.js';
import { ShownRows } from './shown-rows.js';
import { MET, SILENT } from './verdicts.js';

export interface DryRun extends TimeRange {
  /** Ordinal. */
  readonly source: number;
  readonly condition: Condition;
  readonly cooldownMinutes: number;
}

export interface Firing {
  /** Of the point that fires it; of silence, when it has lasted. */
  readonly triggeredAt: number;
  /** Null where it still goes on at the end. */
  resolvedAt: number | null;
  /** What was compared; null of silence. */
  readonly value: number | string | boolean | null;
}

export interface DryRunResult {
  readonly firings: readonly Firing[];
  /** Whether it ended before the range did, as there were so many. */
  readonly hasMore: boolean;
}

/** @throws (rejects) as `Progress.advance`, and what the storage throws. */
export async function dryRun(readable: Readable, run: DryRun, progress: Progress): Promise<DryRunResult> {
  const firings = new Firings(termsOf(run.condition, run.cooldownMinutes * MINUTE_MS));
  if (run.condition.operator === 'no_data')
    await watchSilence(readable, run, run.condition, firings, progress);
  else await watchPoints(readable, run, run.condition, firings, progress);
  return firings.result();
}

/** One more than is listed is looked for. */
class Firings {
  readonly #terms: Terms;
  readonly #firings: Firing[] = [];
  #machine: Machine = RESTING;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  get isFull(): boolean {
    return this.#firings.length > DRY_RUN_FIRINGS_MAX;
  }

  get cooldownUntil(): number {
    return this.#machine.cooldownUntil;
  }

  /** @param value asked for only where it fires */
  step(isMet: boolean, time: number, value: () => Firing['value']): void {
    const before = this.#machine;
    this.#machine = step(before, isMet, time, time, this.#terms);
    const kind = transitionBetween(before, this.#machine);
    if (kind === 'triggered') this.#firings.push({ triggeredAt: time, resolvedAt: null, value: value() });
    else if (kind === 'resolved') this.#firings[this.#firings.length - 1].resolvedAt = time;
  }

  result(): DryRunResult {
    return { firings: this.#firings.slice(0, DRY_RUN_FIRINGS_MAX), hasMore: this.isFull };
  }
}

async function watchPoints(
  readable: Readable,
  { source, startTime, endTime }: DryRun,
  condition: PointCondition,
  firings: Firings,
  progress: Progress,
): Promise<void> {
  const evaluator = compileCondition(condition);
  const shown = new ShownRows();
  const request = {
    sources: [source],
    // Windows hold what was there before the range.
    startTime: Math.max(0, startTime - evaluator.lookbackMs),
    endTime,
    fields: fieldsOf(condition),
    order: 'asc',
    metadata: false,
    signal: progress.signal,
  } as const;
  let at = 0;
  const value = () => evaluator.evidenceAt(at).value;
  for await (const chunk of readable.scan(request)) {
    await progress.advance(chunk.timestamps.length);
    shown.setChunk(chunk);
    const { rows } = shown;
    evaluator.observe(rows, 0);
    const verdicts = evaluator.verdicts();
    for (let row = 0; row < rows.rowCount; row++) {
      const time = rows.timestamp(row);
      if (time < startTime || verdicts[row] === SILENT) continue;
      at = row;
      firings.step(verdicts[row] === MET, time, value);
      if (firings.isFull) return;
    }
  }
}

/** Points are silent since the last one, or the beginning of the range. */
async function watchSilence(
  readable: Readable,
  { source, startTime, endTime }: DryRun,
  { durationSeconds }: NoData,
  firings: Firings,
  progress: Progress,
): Promise<void> {
  let since = startTime;
  const passUntil = (time: number) => {
    const firesAt = Math.max(since + durationSeconds * SECOND_MS, firings.cooldownUntil);
    if (firesAt <= time) firings.step(true, firesAt, () => null);
  };
  const range = { sources: [source], startTime, endTime, order: 'asc', metadata: false } as const;
  for await (const { timestamps } of readable.scan({ ...range, fields: [], signal: progress.signal })) {
    await progress.advance(timestamps.length);
    for (const time of timestamps) {
      passUntil(time);
      firings.step(false, time, () => null);
      since = time;
      if (firings.isFull) return;
    }
  }
  passUntil(endTime);
}
