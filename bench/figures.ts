/** What a benchmark has found, number by number: what tables, saved results, comparisons and charts are made of. */

export type Unit =
  | 'M values/s'
  | 'points/s'
  | 'requests/s'
  | 'ms'
  | 'MiB'
  | 'bytes'
  | 'bytes a value'
  | 'bits a value'
  | '';

export interface Figure {
  /** The same in each run, with a dot between its parts: `ingest.json.cpu-int.rate`. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Absent where it could not be measured. */
  readonly value?: number;
  /** Why there is no value. */
  readonly missing?: string;
  readonly better: 'more' | 'less';
  readonly goal?: number;
}

/** How far a figure is beyond its goal: 1 is just there, below is missed. undefined where there is no goal. */
export function shareOfGoal({ value, goal, better }: Figure): number | undefined {
  if (value === undefined || goal === undefined) return undefined;
  if (better === 'more') return value / goal;
  return value === 0 ? Number.POSITIVE_INFINITY : goal / value;
}

export function isMet(figure: Figure): boolean | undefined {
  const share = shareOfGoal(figure);
  // Zero of zero lost points is what was wished for.
  if (figure.goal === 0 && figure.better === 'less') return figure.value === 0;
  return share === undefined ? undefined : share >= 1;
}

/** Three digits, more for large numbers. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en');
  if (size === 0) return '0';
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

/** Empty where there is none. */
export function goalText({ goal, better }: Pick<Figure, 'goal' | 'better'>): string {
  return goal === undefined ? '' : `${better === 'more' ? '≥' : '≤'} ${goal.toLocaleString('en')}`;
}

/** "met", or by how much it is not; empty without a goal. */
export function verdictText(figure: Figure): string {
  if (figure.value === undefined) return figure.missing ?? 'not measured';
  const met = isMet(figure);
  if (met === undefined) return '';
  if (met) return 'met';
  const share = shareOfGoal(figure) as number;
  return figure.better === 'more'
    ? `missed: ${Math.round(share * 100)} % of it`
    : `missed: ${formatValue(1 / share)}×`;
}

/** The middle of the sorted values, the lower of two. @param values not empty */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** Figures of several runs of the same work → the median of each. */
export function medianFigures(runs: readonly (readonly Figure[])[]): Figure[] {
  return runs[0].map((figure, index) => {
    const values = runs.flatMap(run => run[index].value ?? []);
    return values.length === 0 ? figure : { ...figure, value: medianOf(values) };
  });
}
