/** What a rule watches for: the typed form of its sentence, as `parsedCondition` shows it. */

export type Comparator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'ne';

export type WindowAggregation = 'avg' | 'min' | 'max' | 'sum' | 'count';

/** What the value of a point is: with `aggregation`, that of all points of the last `windowSeconds` before it, and it. */
interface Measured {
  /** As the source has it. */
  readonly field: string;
  /** As written, such as `°C`; never converted. */
  readonly unit?: string;
  readonly aggregation?: WindowAggregation;
  /** Exactly where there is an aggregation. */
  readonly windowSeconds?: number;
}

/** For how long every point must have met it before the rule fires; at once where it is absent. */
interface Lasting {
  readonly durationSeconds?: number;
}

/** Texts and booleans are only equal or not. */
export interface Comparison extends Measured, Lasting {
  readonly operator: Comparator;
  readonly value: number | string | boolean;
}

/** Both ends are within. */
export interface RangeTest extends Measured, Lasting {
  readonly operator: 'between' | 'outside';
  readonly low: number;
  readonly high: number;
}

/** The change from the lowest (`falls`: highest) value of the window before a point to that of the point. */
export interface ChangeTest extends Lasting {
  readonly operator: 'rises' | 'falls';
  readonly field: string;
  readonly unit?: string;
  /** Of the change with `value`. */
  readonly comparator: 'gt' | 'gte';
  readonly value: number;
  readonly windowSeconds: number;
}

/** A duration of the whole stands here; its parts have none. */
export interface Combination extends Lasting {
  readonly operator: 'and' | 'or';
  /** At least two, none of them a combination of the same operator. */
  readonly conditions: readonly PointCondition[];
}

/** No point has been stored for so long. */
export interface NoData {
  readonly operator: 'no_data';
  readonly durationSeconds: number;
}

/** What each point meets or not. */
export type PointCondition = Comparison | RangeTest | ChangeTest | Combination;

export type Condition = PointCondition | NoData;
