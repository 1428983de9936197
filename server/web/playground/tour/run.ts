/** Runs the tour, a request after another, through the same forms that people send. */
import { signal } from '@preact/signals';
import { exchange, exchangeOf, isWholeAndGood, stop } from '../exchange.js';
import { shownForm, type Typed } from '../form.js';
import { requestOf } from '../request.js';
import type { SentAnswer } from '../send.js';
import { ids, operationAt } from '../state.js';
import { sensorDay } from './sensor-day.js';
import { type Made, type Step, tourSteps } from './steps.js';

/** A step as far as it has come. */
export interface ShownStep {
  readonly step: Step;
  readonly state: 'waits' | 'runs' | 'done' | 'failed';
  readonly answer?: SentAnswer;
  readonly note?: string;
  /** Fills the form of its request again. */
  readonly typed?: Typed;
}

/** Columns of one field. */
export interface Curve {
  readonly min: readonly number[];
  readonly avg: readonly number[];
  readonly max: readonly number[];
}

export interface DayColumns {
  /** Milliseconds since 1970. */
  readonly timestamps: readonly number[];
  readonly values: Readonly<Record<string, Curve>>;
}

export interface Tour {
  readonly state: 'idle' | 'runs' | 'stopped' | 'failed' | 'done';
  /** Of the bucket that it makes. */
  readonly name: string;
  readonly steps: readonly ShownStep[];
  readonly bucket?: { readonly id: string; readonly name: string };
  readonly day?: DayColumns;
}

export const tour = signal<Tour>(newTour());

function newTour(): Tour {
  const now = Date.now();
  const name = `Tour of ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')}`;
  const steps = tourSteps(name, sensorDay(now));
  return { state: 'idle', name, steps: steps.map(step => ({ step, state: 'waits' })) };
}

export async function runTour(adminKey: string): Promise<void> {
  tour.value = { ...newTour(), state: 'runs' };
  const { name } = tour.value;
  const steps = tour.value.steps.map(({ step }) => step);
  let made: Made = { bucketId: '', dataSourceId: '', writeKey: '', readKey: '' };
  for (const [index, step] of steps.entries()) {
    changeStep(index, { state: 'runs' });
    const answer = await runStep(index, step, made, adminKey);
    if (tour.value.state !== 'runs') return;
    if (answer === undefined) return end('failed');
    made = { ...made, ...step.make?.(answer) };
    if (step.route === 'POST /api/buckets') change({ bucket: { id: made.bucketId, name } });
    if (step.isCharted) change({ day: Object.values(answer.columns ?? {})[0] as DayColumns });
  }
  end('done');
}

interface AnswerBody {
  readonly columns?: Readonly<Record<string, unknown>>;
}

/** @returns the body of a good answer */
async function runStep(
  index: number,
  step: Step,
  made: Made,
  adminKey: string,
): Promise<AnswerBody | undefined> {
  const operation = operationAt(step.route);
  if (operation === undefined) throw new Error(`The document does not have ${step.route}`);
  const body = step.body === undefined ? undefined : JSON.stringify(step.body(made), null, 2);
  const values: Record<string, string> = operation.path.includes('{bucketId}')
    ? { bucketId: made.bucketId }
    : {};
  const typed: Typed = { values, ...(body !== undefined && { body }) };
  const key = { admin: adminKey, write: made.writeKey, read: made.readKey }[step.key];
  const form = shownForm(operation, typed, ids.value);
  const answer = await exchange(operation, form, requestOf(operation, form, key), typed);
  if (answer === undefined) {
    changeStep(index, { state: 'failed', typed });
    return undefined;
  }
  const isGood = isWholeAndGood(answer);
  const read = isGood ? JSON.parse(exchangeOf(operation.id).text ?? '') : undefined;
  changeStep(index, { state: isGood ? 'done' : 'failed', answer, typed, note: read && step.note(read) });
  return read;
}

export function stopTour(): void {
  const running = tour.value.steps.find(({ state }) => state === 'runs');
  end('stopped');
  const operation = operationAt(running?.step.route ?? '');
  if (operation !== undefined) stop(operation.id);
}

/** Also away with what it has left. */
export async function deleteTourBucket(adminKey: string): Promise<void> {
  const { bucket } = tour.value;
  const operation = operationAt('DELETE /api/buckets/{bucketId}');
  if (bucket === undefined || operation === undefined) return;
  const typed: Typed = { values: { bucketId: bucket.id } };
  const form = shownForm(operation, typed, ids.value);
  const answer = await exchange(operation, form, requestOf(operation, form, adminKey), typed);
  if (answer === undefined || answer.status >= 300) throw new Error('It could not be deleted');
  tour.value = newTour();
}

function end(state: Tour['state']): void {
  change({ state });
}

function change(next: Partial<Tour>): void {
  tour.value = { ...tour.value, ...next };
}

function changeStep(index: number, next: Partial<ShownStep>): void {
  const steps = tour.value.steps.map((step, at) => (at === index ? { ...step, ...next } : step));
  change({ steps });
}
