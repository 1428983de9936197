/**
 * Wrote test/golden/v2/catalog, once: a catalog with dashboards, some of them in a snapshot, the rest in the log. Kept to
 * show how; never to be run over files that exist (it refuses).
 *
 *   node dist/test/golden/write-catalog.js <directory>
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Catalog } from '../../server/catalog/catalog.js';
import type { Panel } from '../../server/catalog/model.js';
import { nodeDisk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';

const root = process.argv[2];
if (root === undefined) throw new Error('Say where to write');
const directory = join(root, 'data');
await mkdir(root);
await mkdir(directory);

let now = Date.UTC(2024, 0, 15, 10, 30);
const catalog = await Catalog.open({ disk: nodeDisk, directory, clock: { now: () => now++ } });
const log = await Log.open({
  disk: nodeDisk,
  directory: join(directory, 'wal'),
  participants: [catalog.participant],
});
catalog.start(log);
await catalog.bootstrap();

const bucket = await catalog.createBucket({ name: 'Greenhouse', description: null, retentionDays: 365 });
const other = await catalog.createBucket({ name: 'Cellar', description: 'à côté', retentionDays: null });
const source = await catalog.createSource(bucket.id, {
  name: 'North bed',
  type: 'sensor',
  description: null,
  fields: [{ name: 'temperature', type: 'number', unit: '°C' }],
  downsampling: true,
});
await catalog.createRule(bucket.id, {
  sourceId: source.id,
  name: 'Too hot',
  condition: 'temperature > 30',
  parsedCondition: { field: 'temperature', operator: 'gt', value: 30 },
  webhook: null,
  cooldownMinutes: 5,
});
const series = [{ sourceId: source.id, field: 'temperature' }];
const panels: readonly Panel[] = [
  { id: 'a', kind: 'chart', title: '温度 🌡', width: 'full', height: 'tall', drawing: 'band', series },
  { id: 'b', kind: 'stat', title: '', width: 'half', height: 'small', statistic: 'avg', series },
  { id: 'c', kind: 'table', title: 'All', width: 'half', height: 'normal', series: [] },
];
const dashboard = { name: 'Beds', range: { from: 'now-24h', to: 'now' }, timezone: null, live: true, panels };
const first = await catalog.createDashboard(bucket.id, dashboard);
const gone = await catalog.createDashboard(bucket.id, dashboard);
const withBucket = await catalog.createDashboard(other.id, dashboard);
await catalog.save();
// The rest is only in the log.
const range = { from: 1_705_276_800_000, to: '2024-01-16T00:00:00Z' };
await catalog.updateDashboard(first, { name: 'All beds', range, timezone: 'Europe/Berlin', live: false });
await catalog.createDashboard(bucket.id, { ...dashboard, panels: panels.slice(1) });
await catalog.deleteDashboard(gone.id);
await catalog.deleteBucket(withBucket.bucketId);
await writeFile(
  join(root, 'dashboards.json'),
  `${JSON.stringify({ bucketId: bucket.id, dashboards: catalog.dashboards(bucket.id) }, null, 1)}\n`,
);
await log.close();
