import { roomFor } from './scratch.js';

let reduced: Float64Array = new Float64Array(1_024);
let differences: Float64Array = new Float64Array(1_024);

/** Differences of an order into scratch that lasts until the next call; there are `order` fewer than numbers. */
export function takeDifferences(values: Float64Array, count: number, order: number): Float64Array {
  differences = roomFor(differences, count);
  appendDifferences(values, 0, count - order, order, differences, 0);
  return differences;
}

/** Puts the differences that start at `from … end` into `into[at …]`; says where they end. */
export function appendDifferences(
  values: Float64Array,
  from: number,
  end: number,
  order: number,
  into: Float64Array,
  at: number,
): number {
  if (order === 0) for (let i = from; i < end; i++) into[at++] = values[i];
  else if (order === 1) for (let i = from; i < end; i++) into[at++] = values[i + 1] - values[i];
  else for (let i = from; i < end; i++) into[at++] = values[i + 2] - 2 * values[i + 1] + values[i];
  return at;
}

/** Undoes differences of order 1, given the first number in front. */
export function sumOnce(into: Float64Array, count: number): void {
  let value = into[0];
  for (let i = 1; i < count; i++) {
    value += into[i];
    into[i] = value;
  }
}

/** Undoes differences of order 2, given the first number in front and the first step. */
export function sumTwice(into: Float64Array, count: number, step: number): void {
  let value = into[0] + step;
  into[1] = value;
  for (let i = 2; i < count; i++) {
    step += into[i];
    value += step;
    into[i] = value;
  }
}

/** (value − offset) ÷ scale, which is whole, into scratch that lasts until the next call. */
export function reduce(values: Float64Array, count: number, offset: number, scale: number): Float64Array {
  if (scale === 1) return values;
  reduced = roomFor(reduced, count);
  const into = reduced;
  for (let i = 0; i < count; i++) into[i] = (values[i] - offset) / scale;
  return into;
}
