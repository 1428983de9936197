/** From view to view. Nothing here knows of a page. */
import type { View } from './model.js';

/** Narrower than this there are not enough whole milliseconds to tell apart. */
const SPAN_MS_MIN = 10;
const TIME_MIN = 0;
/** The last millisecond that the server takes. */
export const TIME_MAX = Date.UTC(2200, 0, 1) - 1;

/** @param factor below 1 to see less, above to see more @param time that stays where it is */
export function zoomed({ from, to }: View, factor: number, time: number): View {
  const span = to - from;
  const wanted = Math.max(SPAN_MS_MIN, Math.min(span * factor, TIME_MAX - TIME_MIN));
  const share = Math.min(1, Math.max(0, (time - from) / span));
  const start = time - wanted * share;
  return bounded({ from: start, to: start + wanted });
}

/** @param share of the view, positive towards later */
export function panned({ from, to }: View, share: number): View {
  const step = (to - from) * share;
  return bounded({ from: from + step, to: to + step });
}

/** Whole milliseconds that the server takes, with the span kept. */
export function bounded({ from, to }: View): View {
  const span = Math.max(SPAN_MS_MIN, Math.min(Math.round(to - from), TIME_MAX - TIME_MIN));
  const start = Math.min(Math.max(Math.round(from), TIME_MIN), TIME_MAX - span);
  return { from: start, to: start + span };
}
