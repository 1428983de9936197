/**
 * The sum of numbers, rounded once.
 * Method: Shewchuk, Adaptive Precision Floating-Point Arithmetic (1997), grow-expansion; as `math.fsum` of Python.
 * Where a partial sum overflows or a number is infinite it is what adding in order gives.
 */
export function exactSum(numbers: readonly number[]): number {
  const plain = numbers.reduce((sum, number) => sum + number, 0);
  if (!Number.isFinite(plain)) return plain;
  let parts: number[] = [];
  for (const number of numbers) {
    const grown: number[] = [];
    let high = number;
    for (const part of parts) {
      const sum = high + part;
      const low = Math.abs(high) >= Math.abs(part) ? part - (sum - high) : high - (sum - part);
      if (low !== 0) grown.push(low);
      high = sum;
    }
    parts = [...grown, high];
  }
  // Parts do not overlap and grow in size: added from the largest down, only the last addition rounds.
  return parts.reduceRight((sum, part) => sum + part, 0);
}
