/**
 * Decimals of more digits than a double holds, such as 99.30645161290323, to the last bit: what programs print that
 * divide, and a third of what `Number` takes for them.
 *
 * The digits are two whole numbers, joined into an unevaluated sum of two doubles, which is exact, and divided by the
 * power of ten into another, which errs by less than 2^-98 of it (Dekker, 1971). Where that might be on either side of
 * the middle between two doubles, which hardly happens but where it is the middle, nothing is decided.
 */
import { POWERS } from './numbers.js';

/** Splits a double in two halves of 26 bits each. */
const SPLITTER = 2 ** 27 + 1;
/** A hundred times what the quotient may err by, relative to it. */
const DOUBT = 2 ** -91;

/** Most digits of the second number. */
export const LOW_DIGITS_MAX = 7;
/** Most digits behind the point: powers of ten up to here are doubles. */
export const FRACTION_DIGITS_MAX = 22;

/**
 * (high × 10^lowDigits + low) ÷ 10^fractionDigits, rounded once; NaN where that is in doubt.
 * @param high below 10^15
 * @param low of `lowDigits` digits
 */
export function decimalOf(high: number, low: number, lowDigits: number, fractionDigits: number): number {
  const scale = POWERS[lowDigits];
  const product = high * scale;
  const rest = productError(high, scale, product) + low;
  const sum = product + rest;
  const sumRest = rest - (sum - product);
  const divisor = POWERS[fractionDigits];
  const quotient = sum / divisor;
  const back = quotient * divisor;
  const remainder = sum - back - productError(quotient, divisor, back) + sumRest;
  const correction = remainder / divisor;
  const doubt = quotient * DOUBT;
  const below = quotient + (correction - doubt);
  return below === quotient + (correction + doubt) ? below : Number.NaN;
}

/** left × right − product, exactly. */
function productError(left: number, right: number, product: number): number {
  const leftScaled = left * SPLITTER;
  const leftHigh = leftScaled - (leftScaled - left);
  const leftLow = left - leftHigh;
  const rightScaled = right * SPLITTER;
  const rightHigh = rightScaled - (rightScaled - right);
  const rightLow = right - rightHigh;
  return leftLow * rightLow - (product - leftHigh * rightHigh - leftLow * rightHigh - leftHigh * rightLow);
}
