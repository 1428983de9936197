/** Widths of groups: the steps that people count time in. */

export interface Interval {
  /** As `groupBy` spells it. */
  readonly name: string;
  /** Of months the longest. */
  readonly milliseconds: number;
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000, mo: 31 * 86_400_000 };

const STEPS: readonly (readonly [keyof typeof UNITS, readonly number[]])[] = [
  ['s', [1, 2, 5, 10, 15, 30]],
  ['m', [1, 2, 5, 10, 15, 20, 30]],
  ['h', [1, 2, 3, 6, 12]],
  ['d', [1, 2]],
  ['w', [1]],
  ['mo', [1]],
];

/** Finest first. */
export const INTERVALS: readonly Interval[] = STEPS.flatMap(([unit, counts]) =>
  counts.map(count => ({ name: `${count}${unit}`, milliseconds: count * UNITS[unit] })),
);

/** The finest that gives at most so many groups; the coarsest where none does. */
export function intervalFor(spanMs: number, groupsMax: number): Interval {
  return INTERVALS.find(({ milliseconds }) => spanMs / milliseconds <= groupsMax) ?? INTERVALS.at(-1)!;
}

const WORDS: Readonly<Record<string, string>> = { m: 'min', mo: 'month', w: 'week' };

/** `5 min`, `1 h`, `2 d`, `1 month` */
export function intervalText(name: string): string {
  const [, count, unit] = /^(\d+)(\w+)$/.exec(name) ?? [];
  return unit === undefined ? name : `${count} ${WORDS[unit] ?? unit}`;
}
