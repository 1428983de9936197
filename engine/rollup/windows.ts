/** Windows of a level: when they begin, and how many rows they have. Bytes: engine/FORMAT.md, "Keys block". */
import { ByteReader, BytesError, ByteWriter } from '../base/bytes.js';
import { openChecked, sealChecked } from '../base/checked.js';
import { planIntegers } from '../codec/integer-plan.js';
import { readIntegers, writeIntegers } from '../codec/integers.js';
import { LEVEL_WIDTHS_MS } from './levels.js';

/** Windows with rows, ascending. Times are absolute, in milliseconds; rows count whatever fields they have. */
export interface Windows {
  readonly starts: Float64Array;
  readonly rowCounts: Float64Array;
  /** Of the first row of each, and of the last. */
  readonly firstTimes: Float64Array;
  readonly lastTimes: Float64Array;
}

export function newWindows(count: number): Windows {
  return {
    starts: new Float64Array(count),
    rowCounts: new Float64Array(count),
    firstTimes: new Float64Array(count),
    lastTimes: new Float64Array(count),
  };
}

export function sliceWindows(windows: Windows, from: number, to: number): Windows {
  return {
    starts: windows.starts.subarray(from, to),
    rowCounts: windows.rowCounts.subarray(from, to),
    firstTimes: windows.firstTimes.subarray(from, to),
    lastTimes: windows.lastTimes.subarray(from, to),
  };
}

/**
 * The windows that rows in order of time fall into: one list a level, finest first. `windowCounts` are of these
 * levels.
 */
export function takeWindows(
  keys: Iterable<{ readonly timestamps: Float64Array }>,
  levels: readonly number[],
  windowCounts: readonly number[],
): Windows[] {
  const taken: Windows[] = [];
  for (let index = 0; index < levels.length; index++) {
    const windows = newWindows(windowCounts[index]);
    const width = LEVEL_WIDTHS_MS[levels[index]];
    if (index === 0) takeFinest(keys, width, windows);
    else takeCoarser(taken[index - 1], width, windows);
    taken.push(windows);
  }
  return taken;
}

function takeFinest(
  keys: Iterable<{ readonly timestamps: Float64Array }>,
  width: number,
  { starts, rowCounts, firstTimes, lastTimes }: Windows,
): void {
  let at = -1;
  let end = -Infinity;
  for (const { timestamps } of keys) {
    for (let row = 0; row < timestamps.length; row++) {
      const time = timestamps[row];
      if (time >= end) {
        at++;
        starts[at] = Math.floor(time / width) * width;
        end = starts[at] + width;
        firstTimes[at] = time;
      }
      rowCounts[at]++;
      lastTimes[at] = time;
    }
  }
}

function takeCoarser(
  finer: Windows,
  width: number,
  { starts, rowCounts, firstTimes, lastTimes }: Windows,
): void {
  let at = -1;
  let end = -Infinity;
  for (let index = 0; index < finer.starts.length; index++) {
    const start = finer.starts[index];
    if (start >= end) {
      at++;
      starts[at] = Math.floor(start / width) * width;
      end = starts[at] + width;
      firstTimes[at] = finer.firstTimes[index];
    }
    rowCounts[at] += finer.rowCounts[index];
    lastTimes[at] = finer.lastTimes[index];
  }
}

export function encodeWindows(windows: Windows, widthMs: number): Uint8Array {
  const { starts, rowCounts, firstTimes, lastTimes } = windows;
  const count = starts.length;
  const writer = new ByteWriter();
  const stream = new Float64Array(count);
  const write = () => writeIntegers(writer, stream, count, planIntegers(stream, count));
  for (let index = 0; index < count; index++) stream[index] = (starts[index] - starts[0]) / widthMs;
  write();
  stream.set(rowCounts);
  write();
  for (let index = 0; index < count; index++) stream[index] = firstTimes[index] - starts[index];
  write();
  for (let index = 0; index < count; index++) stream[index] = lastTimes[index] - starts[index];
  write();
  return sealChecked(writer);
}

/** @throws BytesError where the bytes are not an intact keys block of `count` windows, the first at `firstStart`. */
export function decodeWindows(
  bytes: Uint8Array,
  count: number,
  widthMs: number,
  firstStart: number,
): Windows {
  const reader = new ByteReader(openChecked(bytes));
  const windows = newWindows(count);
  const { starts, rowCounts, firstTimes, lastTimes } = windows;
  readIntegers(reader, starts, count);
  readIntegers(reader, rowCounts, count);
  readIntegers(reader, firstTimes, count);
  readIntegers(reader, lastTimes, count);
  if (reader.remaining > 0) throw new BytesError('A keys block has bytes left over');
  for (let index = 0; index < count; index++) {
    const start = firstStart + starts[index] * widthMs;
    starts[index] = start;
    firstTimes[index] += start;
    lastTimes[index] += start;
  }
  return windows;
}
