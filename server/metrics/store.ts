/** What the store tells of itself. A figure more is an entry more. */
import type { Engine } from '../../engine/engine.js';
import type { UpkeepStatistics } from '../../engine/upkeep/jobs.js';
import type { Log } from '../../wal/log.js';
import { counter, gauge, type Metric } from './metrics.js';

export function logMetrics(log: Log): Metric[] {
  return [
    counter(
      'dakkio_wal_syncs_total',
      'Groups of records made durable, each with one sync.',
      () => log.statistics.syncs,
    ),
    counter('dakkio_wal_records_total', 'Records made durable.', () => log.statistics.records),
    counter('dakkio_wal_bytes_total', 'Bytes of the records made durable.', () => log.statistics.bytes),
    counter(
      'dakkio_wal_sync_seconds_total',
      'Time from handing groups of records to the disk until they were durable.',
      () => log.statistics.syncSeconds,
    ),
    gauge('dakkio_wal_size_bytes', 'What the log takes on the disk.', () => log.bytes),
  ];
}

export function engineMetrics(engine: Engine): Metric[] {
  return [
    counter('dakkio_points_ingested_total', 'Points stored.', () => engine.rowsAppended),
    gauge('dakkio_head_bytes', 'Points that are in memory only, and in the log.', () => engine.headBytes),
    gauge('dakkio_segments', 'Segments on the disk.', () => engine.segmentCount),
    gauge('dakkio_segment_bytes', 'What the segments take on the disk.', () => engine.segmentBytes),
    ...upkeepMetrics('flush', 'flushes', 'Heads that became segments', () => engine.flushes),
    ...upkeepMetrics('compaction', 'compactions', 'Compactions of segments', () => engine.compactions),
  ];
}

function upkeepMetrics(
  kind: string,
  kinds: string,
  what: string,
  statistics: () => UpkeepStatistics,
): Metric[] {
  return [
    counter(`dakkio_${kinds}_total`, `${what}.`, () => statistics().jobs),
    counter(`dakkio_${kind}_seconds_total`, `${what}: time they took.`, () => statistics().seconds),
    counter(`dakkio_${kind}_read_bytes_total`, `${what}: bytes they read.`, () => statistics().bytesRead),
  ];
}
