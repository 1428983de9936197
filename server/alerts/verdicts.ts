/**
 * What a condition says of a row. Each is a bit: a set of them, as an evaluator gives one for all rows, is their sum, and
 * means that no other verdict is among the rows.
 */

export const UNMET = 1;
export const MET = 2;
/** No opinion: the row does not have the field. */
export const SILENT = 4;

const VERDICTS = [UNMET, MET, SILENT] as const;

/** Kleene's three values: what is decided by one part does not depend on a field that the row does not have. */
export function both(left: number, right: number): number {
  if (left === UNMET || right === UNMET) return UNMET;
  return left === MET && right === MET ? MET : SILENT;
}

export function either(left: number, right: number): number {
  if (left === MET || right === MET) return MET;
  return left === UNMET && right === UNMET ? UNMET : SILENT;
}

/** `combine` of any verdict of one set with any of the other. */
export function combinedSets(combine: typeof both, left: number, right: number): number {
  let combined = 0;
  for (const one of VERDICTS) {
    if ((left & one) === 0) continue;
    for (const other of VERDICTS) if ((right & other) !== 0) combined |= combine(one, other);
  }
  return combined;
}
