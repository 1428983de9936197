/** Puts the server together behind its socket: log, engine, catalog and application on one data directory. */
import { join } from 'node:path';
import { systemClock } from '../engine/base/time.js';
import { Engine } from '../engine/engine.js';
import { nodeDisk } from '../wal/disk.js';
import { Log } from '../wal/log.js';
import { Alerts } from './alerts/alerts.js';
import { alertFiguresOf } from './analytics/rule-figures.js';
import { storedBytes } from './analytics/stored-bytes.js';
import { createApi } from './api.js';
import { Catalog } from './catalog/catalog.js';
import type { Config } from './config.js';
import { CorsApplication } from './http/cors.js';
import { ObservedApplication } from './http/observed.js';
import { RateHeadersApplication } from './http/rate-headers.js';
import { Idempotency } from './idempotency/idempotency.js';
import { LiveHub } from './live/hub.js';
import type { Logger } from './log.js';
import type { Running } from './main.js';
import { Metrics } from './metrics/metrics.js';
import { RequestStatistics } from './metrics/requests.js';
import { engineMetrics, logMetrics } from './metrics/store.js';
import { webhookMetrics } from './metrics/webhooks.js';
import { alertMetrics, queryMetrics, streamMetrics } from './metrics/work.js';
import { Assets } from './pages/assets.js';
import { QueryPool } from './query/pool.js';
import { Queries } from './query/queries.js';
import { RateLimits } from './usage/rate-limits.js';
import { Usage } from './usage/usage.js';
import { webhooksOf } from './webhooks/rules.js';
import { Webhooks } from './webhooks/webhooks.js';

/**
 * Recovers everything; the directory is locked already.
 * @throws (rejects) what any of them says of files that are damaged or cannot be read.
 */
export async function compose(config: Config, logger: Logger): Promise<Running> {
  const { dataDirectory: directory, headBytesMax, headAgeMaxMs } = config;
  const { bodyBytesMax, columnBytesMax, batchPointsMax } = config;
  const { queryThreads: threads, queryTimeMaxMs: timeMaxMs, queryPointsMax: pointsMax } = config;
  const disk = nodeDisk;
  const clock = systemClock;
  const catalog = await Catalog.open({ disk, directory, clock });
  const keepFrom = () => catalog.keepFrom(clock.now());
  const idempotency = await Idempotency.open({ disk, directory, clock });
  const engine = await Engine.open({
    ...{ disk, directory, headBytesMax, headAgeMaxMs, keepFrom, clock, logger },
    marks: idempotency.keeper,
  });
  const usage = await Usage.open({ disk, directory, clock });
  const alerts = await Alerts.open({ disk, directory, clock, catalog, storage: engine, logger });
  const rules = webhooksOf(catalog);
  const allowed = config.webhookAllowPrivate;
  const webhooks = await Webhooks.open({ disk, directory, clock, rules, allowed, logger });
  const participants = [
    catalog.participant,
    usage.participant,
    ...engine.participants,
    alerts.participant,
    webhooks.participant,
  ];
  const log = await Log.open({ disk, directory: join(directory, 'wal'), participants });
  logger.info({ ...log.recovery, segments: engine.segmentCount }, 'recovered');
  catalog.start(log);
  usage.start(log);
  engine.start(log);
  engine.subscribe(() => usage.markStored());
  await webhooks.start(log);
  // A crash between the two records of a deletion leaves points that belong to no source.
  const ordinals = catalog.liveOrdinals();
  await engine.erase(engine.sources().filter(source => !ordinals.has(source)));
  alerts.start(log, webhooks.outbox);
  const { adminKey } = await catalog.bootstrap({ adminKey: config.adminKey, plan: config.plan });
  const rateLimits = new RateLimits({ catalog, usage, clock, burstMax: config.burstMax });
  const onError = (error: unknown) => logger.error({ err: error }, 'a thread for queries has ended');
  const pool = threads === 0 ? undefined : new QueryPool({ threads, onError });
  const queries = new Queries({ storage: engine, pool, timeMaxMs, pointsMax });
  const live = new LiveHub({ storage: engine, catalog, clock, position: log.lastSequence });
  const statistics = new RequestStatistics();
  const api = createApi({
    catalog,
    storage: engine,
    queries,
    clock,
    webhooks,
    alerts,
    idempotency,
    rateLimits,
    usage,
    alertFigures: alertFiguresOf(catalog, alerts),
    storedBytes: () => storedBytes({ disk, directory, engine, log }),
    live,
    limits: { bodyBytesMax, columnBytesMax, batchPointsMax },
    ready: () => true,
    failure: () => log.failure,
    logger,
    assets: new Assets(new URL('./', import.meta.resolve('#page'))),
    metrics: new Metrics([
      ...logMetrics(log),
      ...engineMetrics(engine),
      ...statistics.metrics(),
      ...webhookMetrics(webhooks),
      ...queryMetrics(queries),
      ...alertMetrics(catalog, alerts),
      ...streamMetrics(live),
    ]),
  });
  const observed = new ObservedApplication(api, statistics, logger);
  return {
    application: new CorsApplication(new RateHeadersApplication(observed, rateLimits), config.corsOrigins),
    adminKey,
    onListening() {
      pool?.start();
      webhooks.deliver();
    },
    close: () =>
      inTurn([
        () => pool?.close(),
        () => alerts.close(),
        () => webhooks.close(),
        () => usage.close(),
        () => engine.close(),
        () => catalog.save(),
        () => idempotency.save(),
        () => log.close(),
      ]),
  };
}

/** Each of them, whatever becomes of those before: a thread that ends badly must not cost what others have yet to write. */
async function inTurn(steps: readonly (() => Promise<void> | undefined)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
