/** Which blocks cannot have a row that a query's conditions let through, told from their summaries alone. */
import type { FieldType } from '../batch.js';
import { METADATA_COLUMN } from '../head/head.js';
import type { Leaf } from '../segment/leaf.js';
import type { ScanHints } from '../storage.js';
import type { ValueCondition } from './request.js';

/** What a block must have to be worth reading. */
interface Need {
  /** Place of the column in the directory; −1 where there is none. */
  readonly column: number;
  /** Some value must lie in between, both ends included; infinite where only some value must be there. */
  readonly least: number;
  readonly most: number;
}

/** Says of a block of a leaf whether it can be passed over; undefined where none can. */
export type Pruning = (leaf: Leaf, block: number) => boolean;

export function pruningOf(
  columns: readonly { readonly name: string; readonly type: FieldType }[],
  hints: ScanHints | undefined,
): Pruning | undefined {
  if (hints === undefined) return undefined;
  const needs: Need[] = [];
  const need = (name: string, least: number, most: number) =>
    needs.push({ column: columns.findIndex(column => column.name === name), least, most });
  for (const [name, condition] of Object.entries(hints.values ?? {})) {
    const { least, most } = boundsOf(condition);
    const column = columns.find(known => known.name === name);
    need(name, column?.type === 'number' ? least : -Infinity, column?.type === 'number' ? most : Infinity);
  }
  if (hints.metadata === true) need(METADATA_COLUMN, -Infinity, Infinity);
  if (needs.length === 0) return undefined;
  return (leaf, block) => needs.some(one => !mayHave(leaf, block, one));
}

function mayHave(leaf: Leaf, block: number, { column, least, most }: Need): boolean {
  if (column < 0) return false;
  const { lengths, summaries } = leaf.columns[column];
  if (lengths[block] === 0) return false;
  if (least === -Infinity && most === Infinity) return true;
  const { min, max } = summaries;
  return min === undefined || max === undefined || (max[block] >= least && min[block] <= most);
}

/** Generous: an end that is not itself let through is taken in. */
function boundsOf({ gt, gte, lt, lte, eq }: ValueCondition): { least: number; most: number } {
  const numbers = (values: readonly unknown[]) => values.filter(value => typeof value === 'number');
  return {
    least: Math.max(-Infinity, ...numbers([gt, gte, eq])),
    most: Math.min(Infinity, ...numbers([lt, lte, eq])),
  };
}
