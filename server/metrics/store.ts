/** What the store tells of itself. A figure more is an entry more. */
import type { Engine } from '../../engine/engine.js';
import type { Log } from '../../wal/log.js';
import type { Metric } from './metrics.js';

export function logMetrics(log: Log): Metric[] {
  return [
    {
      name: 'dakkio_wal_syncs_total',
      help: 'Groups of records made durable, each with one sync.',
      kind: 'counter',
      value: () => log.statistics.syncs,
    },
    {
      name: 'dakkio_wal_records_total',
      help: 'Records made durable.',
      kind: 'counter',
      value: () => log.statistics.records,
    },
    {
      name: 'dakkio_wal_bytes_total',
      help: 'Bytes of the records made durable.',
      kind: 'counter',
      value: () => log.statistics.bytes,
    },
    {
      name: 'dakkio_wal_sync_seconds_total',
      help: 'Time from handing groups of records to the disk until they were durable.',
      kind: 'counter',
      value: () => log.statistics.syncSeconds,
    },
    {
      name: 'dakkio_wal_size_bytes',
      help: 'What the log takes on the disk.',
      kind: 'gauge',
      value: () => log.bytes,
    },
  ];
}

export function engineMetrics(engine: Engine): Metric[] {
  return [
    {
      name: 'dakkio_points_ingested_total',
      help: 'Points stored.',
      kind: 'counter',
      value: () => engine.rowsAppended,
    },
    {
      name: 'dakkio_head_bytes',
      help: 'Points that are in memory only, and in the log.',
      kind: 'gauge',
      value: () => engine.headBytes,
    },
    {
      name: 'dakkio_segments',
      help: 'Segments on the disk.',
      kind: 'gauge',
      value: () => engine.segmentCount,
    },
    {
      name: 'dakkio_segment_bytes',
      help: 'What the segments take on the disk.',
      kind: 'gauge',
      value: () => engine.segmentBytes,
    },
  ];
}
