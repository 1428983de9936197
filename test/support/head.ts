import { packBatch, type SourceBatch } from '../../engine/batch.js';
import type { Head } from '../../engine/head/head.js';

/** Adds rows as one batch of a source. */
export function appendRows(head: Head, rows: SourceBatch, firstRow: number): void {
  const { sources, values } = packBatch({ sources: [rows] });
  head.append(sources[0], values, firstRow);
}
