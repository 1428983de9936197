/** First byte of a block. Never renumbered: blocks live as long as the data. */
export const CODEC = {
  integers: 1,
  absent: 2,
  deltaOfDelta: 3,
  raw: 16,
  constant: 17,
  decimal: 18,
  dictionary: 19,
  runs: 20,
  split: 21,
  xor: 22,
  booleans: 32,
  strings: 48,
} as const;
