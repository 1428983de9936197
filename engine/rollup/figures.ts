/** Which figures of windows or groups are wanted: a set of bits. Counts always are. */
export type FigureSet = number;

export const SUM = 1;
export const MIN = 2;
export const MAX = 4;
export const FIRST = 8;
export const LAST = 16;
export const ALL_FIGURES: FigureSet = SUM | MIN | MAX | FIRST | LAST;
