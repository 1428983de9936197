/** About what decoded parts of a segment take in memory: the cache counts it. */
import type { Column } from '../batch.js';
import type { Figures } from '../rollup/figures.js';
import type { Windows } from '../rollup/windows.js';
import type { Directory } from './directory.js';
import type { Leaf } from './leaf.js';

/** An object or an array, with its place in the cache. */
const OBJECT_BYTES = 128;
const NUMBER_BYTES = 8;
const FIGURES_OF_COLUMN = 6;
const CHARACTER_BYTES = 2;

export function directoryBytes({ columns, leaves, levels }: Directory): number {
  let objects = 1 + columns.length + leaves.length;
  for (const { chunks } of levels) objects += 1 + chunks.length * (2 + columns.length);
  let bytes = objects * OBJECT_BYTES;
  for (const { decoded } of leaves) if (decoded !== undefined) bytes += leafBytes(decoded);
  return bytes;
}

/** Summaries included, which are decoded later. */
export function leafBytes({ minTimes, columns }: Leaf): number {
  const arrays = 6 + columns.length * (2 + FIGURES_OF_COLUMN);
  return arrays * (OBJECT_BYTES + minTimes.length * NUMBER_BYTES);
}

export function columnBytes({ values, dictionary }: Column): number {
  return OBJECT_BYTES * 2 + values.byteLength + dictionaryBytes(dictionary);
}

export function windowsBytes({ starts }: Windows): number {
  return 4 * (OBJECT_BYTES + starts.byteLength);
}

export function figuresBytes({ dictionary, ...columns }: Figures): number {
  let bytes = OBJECT_BYTES + dictionaryBytes(dictionary);
  for (const column of Object.values(columns)) bytes += OBJECT_BYTES + column.byteLength;
  return bytes;
}

function dictionaryBytes(dictionary: readonly string[] | undefined): number {
  let bytes = 0;
  for (const text of dictionary ?? []) bytes += OBJECT_BYTES / 4 + text.length * CHARACTER_BYTES;
  return bytes;
}
