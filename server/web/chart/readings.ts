/** What the lines say at a time. */

import { gapFrom } from './gaps.js';
import type { View } from './model.js';
import { type Line, type Picture, positionOf, widthMs } from './picture.js';

export interface Reading {
  /** Of the point, or the middle of the group. */
  readonly time: number;
  readonly value: number;
  /** Of a group. */
  readonly low?: number;
  readonly high?: number;
}

/** Of each line the reading nearest to a time; undefined where it is broken there, or out of the view. */
export function readingsAt({ lines, plan }: Picture, time: number, view: View): (Reading | undefined)[] {
  return lines.map(line => nearestIn(line, widthMs(plan), time, view));
}

function nearestIn(line: Line, groupMs: number, time: number, view: View): Reading | undefined {
  const { times, values, lows, highs } = line;
  const middle = groupMs / 2;
  const after = positionOf(times, time - middle);
  const isBefore =
    after === times.length || time - middle - times[after - 1] < times[after] - (time - middle);
  const index = isBefore && after > 0 ? after - 1 : after;
  const value = values[index];
  if (value === undefined || value === null) return undefined;
  const at = times[index] + middle;
  const isFar = Math.abs(at - time) >= Math.max(groupMs, gapFrom(times) / 2);
  if (isFar || at + middle < view.from || at - middle >= view.to) return undefined;
  return { time: at, value, low: lows?.[index] ?? undefined, high: highs?.[index] ?? undefined };
}
