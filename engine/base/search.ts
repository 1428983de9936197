/** First position in `[from, to)` whose value is not below `bound`; `to` where there is none. Values ascend. */
export function lowerBound(values: Float64Array, bound: number, from = 0, to = values.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
