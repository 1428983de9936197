import type { SegmentFacts } from '../../engine/upkeep/choose.js';

export interface SourceSpan {
  readonly ordinal: number;
  readonly rowCount: number;
  readonly minTime: number;
  readonly maxTime: number;
}

/** Of a segment with these sources, ascending; a byte a row where nothing else is said. */
export function facts(spans: readonly SourceSpan[], more: Partial<SegmentFacts> = {}): SegmentFacts {
  const column = (name: keyof SourceSpan) => Float64Array.from(spans, span => span[name]);
  const rowCount = spans.reduce((sum, span) => sum + span.rowCount, 0);
  return {
    bytes: rowCount,
    rowCount,
    minTime: spans.reduce((time, span) => Math.min(time, span.minTime), Infinity),
    maxTime: spans.reduce((time, span) => Math.max(time, span.maxTime), -Infinity),
    table: {
      ordinal: column('ordinal'),
      rowCount: column('rowCount'),
      minTime: column('minTime'),
      maxTime: column('maxTime'),
    },
    deadRows: 0,
    hasErased: false,
    isDead: false,
    isDamaged: false,
    ...more,
  };
}
