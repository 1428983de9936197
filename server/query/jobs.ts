/** Queries that another thread answers: what it is sent, and what it sends back. */
import type { QueryRequest } from '../../engine/query/request.js';
import type { SharedSnapshot } from '../../engine/storage.js';
import type { PeriodFigures, PeriodRequest } from '../analytics/period.js';
import type { ErrorCode } from '../errors.js';
import type { AnswerShape } from './answer.js';

export interface AnswerJob {
  readonly snapshot: SharedSnapshot;
  readonly request: QueryRequest;
  readonly shape: AnswerShape;
  readonly pointsMax: number;
}

export interface PeriodJob {
  readonly snapshot: SharedSnapshot;
  readonly period: PeriodRequest;
}

export type QueryJob = AnswerJob | PeriodJob;

/** One number, set to 1 once nobody waits for the answer any more. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

export type StoppableJob = QueryJob & { readonly stop: StopFlag };

/** An error would lose its code on the way from a worker: what a caller is told is a result. */
export type QueryResult =
  /** Moved, not copied. */
  | { readonly kind: 'answered'; readonly body: Uint8Array }
  | { readonly kind: 'period'; readonly figures: PeriodFigures }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'stopped'; readonly pointsScanned: number };
