import { roomFor } from './scratch.js';

/**
 * The distinct values of a column, ascending, and each value as its rank among them. In rank space neighbours stay
 * neighbours, so that ranks can be packed as differences; and noise in the values is paid for once.
 */
export interface Ranked {
  /** Scratch, valid until the next column. */
  readonly distinct: Float64Array;
  readonly size: number;
  readonly ranks: Float64Array;
}

/** Where nearly all of the first values differ, the rest is not looked at. */
const PROBE = 128;
const PROBE_DISTINCT_MAX = 116;

let distinct: Float64Array = new Float64Array(1_024);
let ranks: Float64Array = new Float64Array(1_024);
/** Open addressing: one more than the index into `distinct`, 0 where free. */
let slots = new Int32Array(2_048);

/** Undefined where more than half of the values are distinct. */
export function rank(values: Float64Array, count: number): Ranked | undefined {
  const limit = count >>> 1;
  distinct = roomFor(distinct, limit + 1);
  clearSlots(limit);
  let size = 0;
  const halves = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  for (let i = 0; i < count; i++) {
    const slot = slotOf(values[i], halves[2 * i], halves[2 * i + 1]);
    if (slots[slot] !== 0) continue;
    if (size === limit || (i < PROBE && size === PROBE_DISTINCT_MAX)) return undefined;
    distinct[size++] = values[i];
    slots[slot] = size;
  }
  distinct.subarray(0, size).sort();
  ranks = roomFor(ranks, count);
  takeRanks(values, halves, count, size, limit);
  return { distinct, size, ranks };
}

function takeRanks(
  values: Float64Array,
  halves: Uint32Array,
  count: number,
  size: number,
  limit: number,
): void {
  clearSlots(limit);
  const distinctHalves = new Uint32Array(distinct.buffer, 0, size * 2);
  for (let k = 0; k < size; k++)
    slots[slotOf(distinct[k], distinctHalves[2 * k], distinctHalves[2 * k + 1])] = k + 1;
  for (let i = 0; i < count; i++) ranks[i] = slots[slotOf(values[i], halves[2 * i], halves[2 * i + 1])] - 1;
}

/** Where a value is, or would go. */
function slotOf(value: number, low: number, high: number): number {
  const mask = slots.length - 1;
  let hash = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  hash ^= hash >>> 15;
  let slot = hash & mask;
  while (slots[slot] !== 0 && !Object.is(distinct[slots[slot] - 1], value)) slot = (slot + 1) & mask;
  return slot;
}

function clearSlots(limit: number): void {
  const needed = 2 ** Math.ceil(Math.log2(limit * 2 + 2));
  if (slots.length < needed) slots = new Int32Array(needed);
  else slots.fill(0);
}
