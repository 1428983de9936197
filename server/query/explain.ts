/** A query's plan, for people: times as in answers, levels by name, sources by id. */
import type { PlacePlan, PlanStep, SourcePlan } from '../../engine/query/plan.js';
import { levelName } from '../../engine/rollup/levels.js';
import { EXPLAINED_SOURCES_MAX } from '../limits.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import type { ExplainedQuery } from './queries.js';

export function explanation({ plan, inThread }: ExplainedQuery, ids: ReadonlyMap<number, string>): object {
  const { reads, sourceCount, sources, microseconds } = plan;
  return {
    reads,
    runs: inThread ? 'in a thread' : 'at once',
    estimatedMs: Math.round(microseconds) / 1_000,
    sourceCount,
    sources: sources.slice(0, EXPLAINED_SOURCES_MAX).map(source => explainedSource(source, ids)),
  };
}

function explainedSource({ source, places }: SourcePlan, ids: ReadonlyMap<number, string>): object {
  return { dataSourceId: ids.get(source), places: places.map(explainedPlace) };
}

function explainedPlace({ place, rows, steps }: PlacePlan): object {
  return { place, points: rows, steps: steps.map(explainedStep) };
}

function explainedStep({ levelMs, stretches, startTime, endTime, windows, rowsRead }: PlanStep): object {
  return {
    read: levelMs === undefined ? 'points' : 'windows',
    ...(levelMs !== undefined && { rollupLevel: levelName(levelMs), windows }),
    ...(rowsRead !== undefined && { points: rowsRead }),
    stretches,
    startTime: formatTimestamp(startTime),
    endTime: formatTimestamp(endTime),
  };
}
