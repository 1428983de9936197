/** `array` where it holds `length` values, or a longer one. For scratch columns that a module keeps between blocks. */
export function roomFor(array: Float64Array, length: number): Float64Array {
  return array.length >= length ? array : new Float64Array(length);
}
