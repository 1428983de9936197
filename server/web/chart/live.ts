/** Points that arrive are put into what is shown, until the server is asked again what it makes of them. */
import type { RawPoint } from '../base/types.js';
import type { Series, View } from './model.js';
import { type Line, type Picture, positionOf, widthMs } from './picture.js';
import { isAligned } from './plan.js';

export interface Arrived {
  readonly picture: Picture;
  /** What has changed in it. */
  readonly range: View;
}

/** Undefined where none of the points is in the picture. */
export function arrived(
  picture: Picture,
  series: readonly Series[],
  points: readonly RawPoint[],
): Arrived | undefined {
  const lines = picture.lines.map(line => ({ ...line }));
  const range = { from: Infinity, to: -Infinity };
  for (const point of points) {
    const time = Date.parse(point.timestamp);
    if (time < picture.range.from || time >= picture.range.to) continue;
    for (const [index, { dataSourceId, field }] of series.entries()) {
      const value = point.values[field];
      if (dataSourceId !== point.dataSourceId || typeof value !== 'number') continue;
      lines[index] = withPoint(lines[index], picture, time, value);
      range.from = Math.min(range.from, time);
      range.to = Math.max(range.to, time + 1);
    }
  }
  return range.from === Infinity ? undefined : { picture: { ...picture, lines }, range };
}

function withPoint(line: Line, { plan }: Picture, time: number, value: number): Line {
  if (plan.kind !== 'groups') return withRawPoint(line, time, value);
  const width = widthMs(plan);
  const last = line.times.length - 1;
  const isInLast = time >= line.times[last] && time < line.times[last] + width;
  if (isInLast) return withFolded(line, last, value);
  // Groups before the last, and those that begin by a calendar, are the server's to make.
  if (time < (line.times[last] ?? 0) || !isAligned(plan)) return line;
  return {
    times: [...line.times, Math.floor(time / width) * width],
    values: [...line.values, value],
    lows: [...line.lows!, value],
    highs: [...line.highs!, value],
    counts: [...line.counts!, 1],
  };
}

/** The answer to a question that was under way may have it already. */
function withRawPoint(line: Line, time: number, value: number): Line {
  const position = positionOf(line.times, time);
  for (let same = position; line.times[same] === time; same++) if (line.values[same] === value) return line;
  const insert = <Item>(items: readonly Item[], item: Item) => [
    ...items.slice(0, position),
    item,
    ...items.slice(position),
  ];
  return { ...line, times: insert(line.times, time), values: insert(line.values, value) };
}

function withFolded(line: Line, index: number, value: number): Line {
  const { values, lows, highs, counts } = line as Required<Line>;
  const count = counts[index];
  const average = (values[index] as number) + (value - (values[index] as number)) / (count + 1);
  const put = <Item>(items: readonly Item[], item: Item) => items.with(index, item);
  return {
    times: line.times,
    values: put(values, average),
    lows: put(lows, Math.min(lows[index] as number, value)),
    highs: put(highs, Math.max(highs[index] as number, value)),
    counts: put(counts, count + 1),
  };
}
