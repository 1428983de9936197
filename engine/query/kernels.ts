/**
 * Sums and extremes of stretches of columns: flat loops, one a figure, over values that are in the first cache by
 * then. NaN is no value. Sums are compensated after Neumaier (1974): `sums` and `compensations` belong together.
 */

/** How many of the values are there. */
export function countPresent(values: Float64Array, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) if (!Number.isNaN(values[index])) count++;
  return count;
}

/**
 * Adds values to a sum. Four sums run side by side, because each addition waits for the one before; where a value is
 * missing it is taken for 0, which changes no sum.
 */
export function addSum(
  sums: Float64Array,
  compensations: Float64Array,
  group: number,
  values: Float64Array,
  from: number,
  to: number,
  isDense: boolean,
): void {
  let sum = sums[group];
  let compensation = compensations[group];
  let index = from;
  if (isDense && to - from >= 16) {
    let second = 0;
    let third = 0;
    let fourth = 0;
    let error = 0;
    let secondError = 0;
    let thirdError = 0;
    let fourthError = 0;
    for (; index + 4 <= to; index += 4) {
      // Knuth's TwoSum: exact whichever is larger, without a branch.
      const a = values[index];
      const b = values[index + 1];
      const c = values[index + 2];
      const d = values[index + 3];
      const aTotal = sum + a;
      const bTotal = second + b;
      const cTotal = third + c;
      const dTotal = fourth + d;
      const aPart = aTotal - sum;
      const bPart = bTotal - second;
      const cPart = cTotal - third;
      const dPart = dTotal - fourth;
      error += sum - (aTotal - aPart) + (a - aPart);
      secondError += second - (bTotal - bPart) + (b - bPart);
      thirdError += third - (cTotal - cPart) + (c - cPart);
      fourthError += fourth - (dTotal - dPart) + (d - dPart);
      sum = aTotal;
      second = bTotal;
      third = cTotal;
      fourth = dTotal;
    }
    compensation += error + secondError + thirdError + fourthError;
    for (let lane = 0; lane < 3; lane++) {
      const value = lane === 0 ? second : lane === 1 ? third : fourth;
      const total = sum + value;
      compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
      sum = total;
    }
  }
  for (; index < to; index++) {
    const value = values[index];
    // A sum of others may be NaN, and then this one is.
    if (!isDense && Number.isNaN(value)) continue;
    const total = sum + value;
    compensation += Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
    sum = total;
  }
  sums[group] = sum;
  compensations[group] = compensation;
}

export function takeMin(
  mins: Float64Array,
  group: number,
  values: Float64Array,
  from: number,
  to: number,
): void {
  let least = mins[group];
  for (let index = from; index < to; index++) if (values[index] < least) least = values[index];
  mins[group] = least;
}

export function takeMax(
  maxes: Float64Array,
  group: number,
  values: Float64Array,
  from: number,
  to: number,
): void {
  let most = maxes[group];
  for (let index = from; index < to; index++) if (values[index] > most) most = values[index];
  maxes[group] = most;
}

/** Each of `from … to` to the group it has; so the three below. */
export function addCounts(
  counts: Float64Array,
  count: Float64Array,
  groups: Int32Array,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) counts[groups[index]] += count[index];
}

export function addSums(
  sums: Float64Array,
  compensations: Float64Array,
  sum: Float64Array,
  count: Float64Array,
  groups: Int32Array,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) {
    if (count[index] === 0) continue;
    const group = groups[index];
    const value = sum[index];
    const before = sums[group];
    const total = before + value;
    compensations[group] +=
      Math.abs(before) >= Math.abs(value) ? before - total + value : value - total + before;
    sums[group] = total;
  }
}

/** NaN is neither less nor more. */
export function takeMins(
  mins: Float64Array,
  min: Float64Array,
  groups: Int32Array,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) {
    if (min[index] < mins[groups[index]]) mins[groups[index]] = min[index];
  }
}

export function takeMaxes(
  maxes: Float64Array,
  max: Float64Array,
  groups: Int32Array,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) {
    if (max[index] > maxes[groups[index]]) maxes[groups[index]] = max[index];
  }
}
