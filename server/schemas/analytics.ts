import Type from './typebox.js';
import { compile } from './validate.js';

export const PERIOD_DAYS = { '24h': 1, '7d': 7, '30d': 30, '90d': 90 } as const;

export type Period = keyof typeof PERIOD_DAYS;

const PERIOD_DEFAULT: Period = '7d';

export const periodSchema = Type.Enum(Object.keys(PERIOD_DAYS) as Period[], { default: PERIOD_DEFAULT });

const compiled = compile(Type.Object({ period: periodSchema }));

/** `period` of a query. @throws ApiError */
export function parsePeriod(query: URLSearchParams): Period {
  return compiled.parse({ period: query.get('period') ?? PERIOD_DEFAULT }, 'query').period;
}
