/** What a chart shows, and what it says to the page around it. */
import type { Signal } from '@preact/signals';
import type { RawPoint } from '../base/types.js';

/** A field of a data source, drawn as a line. */
export interface Series {
  readonly bucketId: string;
  readonly dataSourceId: string;
  readonly field: string;
  /** Shown at the line's end. */
  readonly label: string;
  readonly unit?: string;
  /** 1 to 8: `--series-n`. */
  readonly colour: number;
}

/** Milliseconds since 1970: from inclusive, to exclusive. */
export interface View {
  readonly from: number;
  readonly to: number;
}

/** Of an alert rule: a dashed line. */
export interface Threshold {
  readonly value: number;
  readonly label: string;
  readonly state: 'ok' | 'firing';
}

/** Of an alert rule: marked on the time axis. */
export interface Firing {
  readonly from: number;
  /** Null where it goes on. */
  readonly to: number | null;
  readonly label: string;
}

/** Averages in a band from the least to the greatest, or points that draw the same pixels as all of them. */
export type Drawing = 'band' | 'm4';

/** The one time under the pointer over all charts of a page; null where there is none. */
export type SharedCursor = Signal<number | null>;

/** Points as they are stored, of any source: a chart takes what is its own. */
export interface LiveFeed {
  /** @returns ends it */
  subscribe(listener: (point: RawPoint) => void): () => void;
}

/** What a page may ask of a chart that is there. */
export interface ChartHandle {
  /** What is looked at, when all of it is there: times in UTC, a column a series; of averages the least and the greatest beside. */
  csv(): Promise<string>;
  /** What is shown, with title, axes and labels. */
  png(): Promise<Blob>;
  /** Asks the server again, such as after points were imported. */
  refresh(): void;
}
