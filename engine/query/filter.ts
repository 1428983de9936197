/** Which rows of a chunk match conditions on values and metadata: decided by column, texts once each. */
import type { Column, MetadataColumn } from '../batch.js';
import type { ScanChunk } from '../storage.js';
import type { QueryRequest, Scalar, ValueCondition } from './request.js';

/** Positions of the rows that match; undefined where all do. */
export type RowFilter = (chunk: ScanChunk) => Uint32Array | undefined;

/** undefined where the request has no conditions. */
export function compileFilter(request: QueryRequest): RowFilter | undefined {
  const conditions = Object.entries(request.values ?? {});
  const members = Object.entries(request.metadata ?? {}).map(
    ([name, value]) => [name, canonical(value)] as const,
  );
  if (conditions.length === 0 && members.length === 0) return undefined;
  return chunk => {
    const isOut = new Uint8Array(chunk.timestamps.length);
    for (const [name, condition] of conditions) {
      applyCondition(isOut, findColumn(chunk, name), condition);
    }
    if (members.length > 0) applyMetadata(isOut, chunk.metadata, members);
    return positionsOf(isOut);
  };
}

/** Fields that the conditions look at. */
export function filteredFields(request: QueryRequest): string[] {
  return Object.keys(request.values ?? {});
}

function findColumn(chunk: ScanChunk, name: string): Column | undefined {
  return chunk.fields.find(column => column.name === name);
}

function positionsOf(isOut: Uint8Array): Uint32Array | undefined {
  let count = 0;
  for (let row = 0; row < isOut.length; row++) count += 1 - isOut[row];
  if (count === isOut.length) return undefined;
  const positions = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < isOut.length; row++) if (isOut[row] === 0) positions[at++] = row;
  return positions;
}

function applyCondition(isOut: Uint8Array, column: Column | undefined, condition: ValueCondition): void {
  if (column === undefined) {
    isOut.fill(1);
    return;
  }
  const tests = Object.entries(condition).filter(([, scalar]) => scalar !== undefined) as [
    Operator,
    Scalar,
  ][];
  if (tests.some(([, scalar]) => typeof scalar !== column.type)) {
    isOut.fill(1);
    return;
  }
  const { values, dictionary } = column;
  if (dictionary !== undefined) {
    // A text is judged once for all its rows, and only where a row has it.
    const verdicts = new Int8Array(dictionary.length).fill(-1);
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      if (Number.isNaN(value)) isOut[row] = 1;
      else {
        if (verdicts[value] < 0) verdicts[value] = holdsAll(dictionary[value], tests) ? 1 : 0;
        if (verdicts[value] === 0) isOut[row] = 1;
      }
    }
    return;
  }
  for (const [operator, scalar] of tests) applyNumber(isOut, values, operator, Number(scalar));
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) isOut[row] = 1;
}

type Operator = keyof ValueCondition;

const HOLDS: Readonly<Record<Operator, (value: Scalar, bound: Scalar) => boolean>> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  eq: (value, bound) => value === bound,
  ne: (value, bound) => value !== bound,
};

function holdsAll(value: Scalar, tests: readonly [Operator, Scalar][]): boolean {
  return tests.every(([operator, bound]) => HOLDS[operator](value, bound));
}

function applyNumber(isOut: Uint8Array, values: Float64Array, operator: Operator, bound: number): void {
  const holds = HOLDS[operator];
  for (let row = 0; row < values.length; row++) if (!holds(values[row], bound)) isOut[row] = 1;
}

function applyMetadata(
  isOut: Uint8Array,
  metadata: MetadataColumn | undefined,
  members: readonly (readonly [string, string])[],
): void {
  if (metadata === undefined) {
    isOut.fill(1);
    return;
  }
  const { values, dictionary } = metadata;
  const verdicts = new Int8Array(dictionary.length).fill(-1);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (Number.isNaN(value)) isOut[row] = 1;
    else {
      if (verdicts[value] < 0) verdicts[value] = hasMembers(dictionary[value], members) ? 1 : 0;
      if (verdicts[value] === 0) isOut[row] = 1;
    }
  }
}

function hasMembers(text: string, members: readonly (readonly [string, string])[]): boolean {
  const metadata = JSON.parse(text);
  return members.every(
    ([name, value]) => Object.hasOwn(metadata, name) && canonical(metadata[name]) === value,
  );
}

/** JSON with the members of objects in order of their names: equal values have equal texts. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)}}`;
}
