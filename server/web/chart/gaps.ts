/** Where a line is broken: there are no points for much longer than usual. */

/** Nearly all points are no farther apart than usual; outages are few. */
const USUAL_QUANTILE = 0.9;
const TIMES_USUAL = 3;
/** Of fewer points nobody knows what is usual. */
const POINTS_MIN = 5;

const known = new WeakMap<object, number>();

/**
 * The distance in milliseconds from which on two points are not joined: three times the one that nine of ten points have
 * from the one before, or less. Infinity where there are too few to tell.
 */
export function gapFrom(times: readonly number[]): number {
  let gap = known.get(times);
  if (gap === undefined) {
    gap = measure(times);
    known.set(times, gap);
  }
  return gap;
}

function measure(times: readonly number[]): number {
  if (times.length < POINTS_MIN) return Infinity;
  const distances = new Float64Array(times.length - 1);
  for (let index = 0; index < distances.length; index++) distances[index] = times[index + 1] - times[index];
  distances.sort();
  const usual = distances[Math.ceil(USUAL_QUANTILE * distances.length) - 1];
  return usual > 0 ? usual * TIMES_USUAL : Infinity;
}
