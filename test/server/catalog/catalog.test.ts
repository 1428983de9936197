import { crc32c } from '@node-rs/crc32';
import { pack } from 'msgpackr';
import t from 'tap';
import { Catalog } from '../../../server/catalog/catalog.js';
import { createKey, listKeys, revokeKey } from '../../../server/catalog/offline.js';
import { keepFromOf } from '../../../server/catalog/retention.js';
import { hashKey } from '../../../server/catalog/secrets.js';
import type { CatalogImage } from '../../../server/catalog/state.js';
import { CATALOG_FILE } from '../../../server/journal/files.js';
import { decodeSnapshot, encodeSnapshot } from '../../../server/journal/snapshot.js';
import { Log } from '../../../wal/log.js';
import { LogUnavailableError, RecordType } from '../../../wal/records.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { MemoryLog } from '../../support/memory-log.js';
import { Random, testSeed } from '../../support/random.js';

const DIRECTORY = '/data';
const SNAPSHOT = '/data/catalog.snapshot';

function newDisk(): FakeDisk {
  const disk = new FakeDisk();
  disk.put('/data/keep', new Uint8Array(1));
  return disk;
}

/** A clock that never shows one time twice. */
function steps() {
  let now = Date.UTC(2024, 0, 1);
  return { now: () => now++ };
}

async function open(disk: FakeDisk, log: MemoryLog): Promise<Catalog> {
  const catalog = await Catalog.open({ disk, directory: DIRECTORY, clock: steps() });
  log.replayTo(catalog.participant);
  catalog.start(log);
  return catalog;
}

const newBucket = { name: 'Greenhouse', description: null, retentionDays: null };
const newRule = {
  name: 'hot',
  condition: 't > 30',
  parsedCondition: { field: 't', operator: 'gt', value: 30 } as const,
  webhook: { url: 'https://example.com/', secret: 'whsec_eA==' },
  cooldownMinutes: 5,
};
const newDashboard = {
  name: 'Beds',
  range: { from: 'now-24h', to: 'now' },
  timezone: null,
  live: true,
  panels: [],
};
const newPanel = {
  id: 'a',
  kind: 'chart',
  title: 'Température 🌡',
  width: 'half',
  height: 'tall',
  drawing: 'm4',
  series: [{ sourceId: 'f'.repeat(24), field: '__proto__' }],
} as const;
const newSource = { name: 'bed', type: 'sensor', description: null, fields: [], downsampling: true };

/** All that can be seen of a catalog. */
function seen(catalog: Catalog) {
  return {
    organization: catalog.isEmpty ? undefined : catalog.organization,
    buckets: catalog.buckets({ limit: 1e9, offset: 0 }),
    keys: catalog.allKeys(),
    sources: catalog.allSources(),
    rules: catalog.allRules(),
    rulesOf: catalog.allSources().map(({ ordinal }) => catalog.rulesOf(ordinal)),
    perBucket: catalog.buckets({ limit: 1e9, offset: 0 }).map(bucket => ({
      keys: catalog.keys(bucket.id, { limit: 1e9, offset: 0 }),
      sources: catalog.sources(bucket.id),
      rules: catalog.rules(bucket.id),
      ruleCount: catalog.ruleCount(bucket.id),
      dashboards: catalog.dashboards(bucket.id),
      dashboardCount: catalog.dashboardCount(bucket.id),
      series: [...catalog.series(bucket.id)].sort(),
      named: catalog
        .bucketsNamed(bucket.name)
        .map(({ id }) => id)
        .sort(),
    })),
  };
}

t.test('points are kept for the days of their bucket', async t => {
  const catalog = await open(newDisk(), new MemoryLog());
  await catalog.bootstrap();
  const forEver = await catalog.createBucket(newBucket);
  const some = await catalog.createBucket({ ...newBucket, retentionDays: 2 });
  await catalog.createSource(forEver.id, newSource);
  const { ordinal } = await catalog.createSource(some.id, newSource);
  const now = Date.UTC(2024, 0, 3);
  t.equal(keepFromOf(forEver, now), 0);
  t.equal(keepFromOf(some, now), Date.UTC(2024, 0, 1));
  t.equal(keepFromOf(some, 1), 0);
  t.same(catalog.keepFrom(now), new Map([[ordinal, Date.UTC(2024, 0, 1)]]));
  const shorter = await catalog.updateBucket(some, { retentionDays: 1 });
  t.equal(keepFromOf(shorter, now), Date.UTC(2024, 0, 2));
  t.same(catalog.keepFrom(now), new Map([[ordinal, Date.UTC(2024, 0, 2)]]));
  await catalog.updateBucket(shorter, { retentionDays: null });
  t.same(catalog.keepFrom(now), new Map());
  t.end();
});

t.test('the first start makes an organization and one admin key, shown once', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  t.ok(catalog.isEmpty);
  const { adminKey } = await catalog.bootstrap();
  t.match(adminKey, /^dakkio_a_[a-z0-9]{40}$/);
  t.equal(catalog.keyByHash(hashKey(adminKey!))?.type, 'admin');
  t.equal(catalog.allKeys()[0].keyPrefix, adminKey!.slice(0, 13) + '...');
  t.notOk(
    log.records.some(record => Buffer.from(record.payload).includes(adminKey!.slice(9))),
    'only its hash',
  );
  t.strictSame(await catalog.bootstrap(), {});
  const again = await open(disk, log);
  t.strictSame(await again.bootstrap(), {});
  t.equal(log.records.length, 1);
});

t.test('an admin key of the operator is taken, once, on any start', async t => {
  const adminKey = `dakkio_a_${'x'.repeat(40)}`;
  const log = new MemoryLog();
  const catalog = await open(newDisk(), log);
  t.strictSame(await catalog.bootstrap({ adminKey }), {});
  t.equal(catalog.allKeys().length, 1);
  await catalog.bootstrap({ adminKey });
  t.equal(catalog.allKeys().length, 1);
  await catalog.bootstrap({ adminKey: `dakkio_a_${'y'.repeat(40)}` });
  t.equal(catalog.allKeys().length, 2);
  for (const bad of ['', 'secret', 'dakkio_a_short', `dakkio_w_${'x'.repeat(40)}`]) {
    await t.rejects(catalog.bootstrap({ adminKey: bad }), /An admin key is/);
  }
});

t.test('replay of the log, with a snapshot at any place, gives the state', async t => {
  const seed = testSeed();
  t.comment(`DAKKIO_TEST_SEED=${seed}`);
  const random = new Random(seed);
  for (let run = 0; run < 60; run++) {
    const [disk, log] = [newDisk(), new MemoryLog()];
    const catalog = await open(disk, log);
    await catalog.bootstrap();
    const ordinals = new Set<number>();
    for (let step = 0; step < 40; step++) {
      await change(catalog, random, ordinals, step);
      if (random.integer(15) === 0) await catalog.save();
    }
    const replayed = await open(disk, log);
    t.strictSame(seen(replayed), seen(catalog));
    const after = await replayed.createSource((await replayed.createBucket(newBucket)).id, newSource);
    t.notOk(ordinals.has(after.ordinal), 'no ordinal twice');
  }
});

async function change(catalog: Catalog, random: Random, ordinals: Set<number>, step: number): Promise<void> {
  const buckets = catalog.buckets({ limit: 1e9, offset: 0 });
  const sources = catalog.allSources();
  const keys = catalog.allKeys();
  const rules = catalog.allRules();
  const dashboards = buckets.flatMap(({ id }) => catalog.dashboards(id));
  const kind = random.integer(18);
  if (buckets.length === 0 || kind === 0) await catalog.createBucket(newBucket);
  else if (kind === 1) await catalog.updateBucket(random.pick(buckets), { status: 'archived', name: '名前' });
  else if (kind === 2 && random.integer(2) === 0) await catalog.deleteBucket(random.pick(buckets).id);
  else if (kind === 3)
    await catalog.createKey({ name: 'k', type: 'read', bucketId: random.pick(buckets).id });
  else if (kind === 4 && keys.length > 0) await catalog.deleteKey(random.pick(keys).id);
  else if (kind === 5 && sources.length > 0) await catalog.deleteSource(random.pick(sources).id);
  else if (kind === 6 && sources.length > 0) {
    const fields = [{ name: '__proto__', type: 'number' as const, unit: '°C' }];
    await catalog.updateSource(random.pick(sources), { fields, downsampling: false });
  } else if (kind > 10 && kind < 13 && sources.length > 0) {
    const { id: sourceId, bucketId } = random.pick(sources);
    await catalog.createRule(bucketId, { ...newRule, sourceId });
  } else if (kind === 13 && rules.length > 0) {
    await catalog.updateRule(random.pick(rules), random.pick([{ status: 'paused' }, { name: 'r' }] as const));
  } else if (kind === 14 && rules.length > 0) {
    await catalog.deleteRule(random.pick(rules).id);
  } else if (kind === 15) {
    await catalog.createDashboard(random.pick(buckets).id, newDashboard);
  } else if (kind === 16 && dashboards.length > 0) {
    await catalog.updateDashboard(random.pick(dashboards), { panels: [newPanel], timezone: 'Asia/Tokyo' });
  } else if (kind === 17 && dashboards.length > 0) {
    await catalog.deleteDashboard(random.pick(dashboards).id);
  } else if (kind === 9) {
    const { id: bucketId } = random.pick(buckets);
    const fields = [{ name: 'v', type: random.pick(['number', 'string'] as const) }];
    const keys = ['cpu', 'cpu,host=a', 'é,ü=\\,', `long,${'x'.repeat(200)}=y`].filter(
      key => random.integer(2) === 0 && !catalog.series(bucketId).has(key),
    );
    const drafts = keys.map((key, position) =>
      catalog.draftSeries({ bucketId, key, fields, createdAt: 1_705_276_800_000 + step }, position),
    );
    await catalog.createSeries(drafts);
    for (const { ordinal } of drafts) {
      if (ordinals.has(ordinal)) throw new Error(`ordinal ${ordinal} twice`);
      ordinals.add(ordinal);
    }
  } else {
    const source = await catalog.createSource(random.pick(buckets).id, newSource);
    if (ordinals.has(source.ordinal)) throw new Error(`ordinal ${source.ordinal} twice`);
    ordinals.add(source.ordinal);
  }
}

t.test('an ordinal is not used again after its source, a snapshot and a restart', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const bucket = await catalog.createBucket(newBucket);
  const source = await catalog.createSource(bucket.id, newSource);
  t.strictSame([...catalog.liveOrdinals()], [source.ordinal]);
  await catalog.deleteBucket(bucket.id);
  t.strictSame([...catalog.liveOrdinals()], []);
  t.equal(catalog.source(source.id), undefined);
  await catalog.save();
  const reopened = await open(disk, new MemoryLog(log.lastSequence));
  const other = await reopened.createSource((await reopened.createBucket(newBucket)).id, newSource);
  t.ok(other.ordinal > source.ordinal);
});

t.test('the last use of a key is kept by the snapshot, not by the log', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const [key] = catalog.allKeys();
  await catalog.save();
  t.equal(catalog.lastUsedAt(key.id), undefined);
  catalog.markUsed(key.id);
  t.equal(log.records.length, 1);
  await catalog.participant.seal!();
  t.equal(
    (await open(disk, log)).lastUsedAt(key.id),
    undefined,
    'it alone is not worth a snapshot with each flush',
  );
  await catalog.save();
  const reopened = await open(disk, log);
  t.type(reopened.lastUsedAt(key.id), 'number');
  t.equal(reopened.lastUsedAt(key.id), catalog.lastUsedAt(key.id));
});

t.test('a change that did not become durable fails, and does not get into a snapshot', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const lost = catalog.createBucket(newBucket);
  const saved = catalog.save();
  log.fail();
  await t.rejects(lost, LogUnavailableError);
  await t.rejects(saved, LogUnavailableError);
  t.notOk(disk.files().has(SNAPSHOT));
  const before = catalog.bucketCount;
  await t.rejects(catalog.createBucket(newBucket), LogUnavailableError);
  t.equal(catalog.bucketCount, before, 'and nothing is applied after the failure');
  const reopened = await open(disk, log);
  t.equal(reopened.bucketCount, 0);
});

t.test('a snapshot with any byte changed, or cut anywhere, is refused by name', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  await catalog.save();
  const bytes = disk.files().get(SNAPSHOT)!;
  const options = { disk, directory: DIRECTORY, clock: steps() };
  for (let offset = 0; offset < bytes.length; offset++) {
    disk.corrupt(SNAPSHOT, offset, 1 << (offset % 8));
    await t.rejects(Catalog.open(options), { code: 'SNAPSHOT_CORRUPT', file: SNAPSHOT });
    disk.corrupt(SNAPSHOT, offset, 1 << (offset % 8));
  }
  for (let length = 0; length < bytes.length; length++) {
    disk.put(SNAPSHOT, bytes.slice(0, length));
    await t.rejects(Catalog.open(options), { code: 'SNAPSHOT_CORRUPT', message: /catalog\.snapshot/ });
  }
});

t.test('a snapshot of a newer version is refused as such, not as damage', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  await catalog.save();
  const bytes = disk.files().get(SNAPSHOT)!.slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(8, 2, true);
  view.setUint32(20, crc32c(bytes.subarray(24), crc32c(bytes.subarray(0, 20))), true);
  disk.put(SNAPSHOT, bytes);
  const opened = Catalog.open({ disk, directory: DIRECTORY, clock: steps() });
  await t.rejects(opened, { code: 'SNAPSHOT_VERSION', file: SNAPSHOT });
});

t.test('a change of a kind that is not known ends the replay', async t => {
  const log = new MemoryLog();
  await log.append(RecordType.catalog, [pack([{ kind: 'shard', shard: {} }])]);
  await t.rejects(open(newDisk(), log), /newer version wrote a catalog change of kind shard/);
});

t.test('a power cut at any call of a save leaves the old snapshot or the new one', async t => {
  for (let call = 1; ; call++) {
    const [disk, log] = [newDisk(), new MemoryLog()];
    const catalog = await open(disk, log);
    await catalog.bootstrap();
    await catalog.save();
    await catalog.createBucket(newBucket);
    const want = seen(catalog);
    disk.crashAt(disk.calls + call);
    const failed = await catalog.save().then(
      () => false,
      () => true,
    );
    const found = disk.crash();
    const reopened = await open(found, log);
    t.strictSame(seen(reopened), want);
    await reopened.createBucket(newBucket);
    await reopened.save();
    t.equal((await open(found, new MemoryLog(log.lastSequence))).bucketCount, 2);
    if (!failed) break;
  }
});

t.test('the command line works on the same files as the server', async t => {
  const disk = newDisk();
  const options = { disk, directory: DIRECTORY, clock: steps() };
  await t.rejects(createKey(options, { name: 'a', type: 'admin', bucketId: null }), {
    code: 'CATALOG_NOT_FOUND',
  });
  const points = { types: [RecordType.points, RecordType.erase], sealedThrough: 0 as never, replay() {} };
  const openAll = async () => {
    const catalog = await Catalog.open(options);
    const participants = [catalog.participant, points];
    const log = await Log.open({ disk, directory: '/data/wal', participants });
    catalog.start(log);
    return { catalog, log };
  };
  const first = await openAll();
  await first.catalog.bootstrap();
  await first.log.append(RecordType.points, [new Uint8Array(3)]);
  await first.log.close();

  const { apiKey, key } = await createKey(options, { name: 'second', type: 'admin', bucketId: null });
  await t.rejects(createKey(options, { name: 'x', type: 'read', bucketId: '0'.repeat(24) }), /no bucket/);
  const listed = await listKeys(options);
  t.strictSame(
    listed.map(item => item.apiKey.name),
    ['Admin', 'second'],
  );
  await revokeKey(options, listed[0].apiKey.id);
  await t.rejects(revokeKey(options, listed[0].apiKey.id), { code: 'CATALOG_NOT_FOUND' });

  const last = await openAll();
  t.strictSame(
    last.catalog.allKeys().map(item => item.id),
    [apiKey.id],
  );
  t.equal(last.catalog.keyByHash(hashKey(key))?.id, apiKey.id);
  await last.log.close();
});

t.test('series are found by their key, as long as their source is there', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const { id: bucketId } = await catalog.createBucket(newBucket);
  const fields = [{ name: 'v', type: 'number' as const }];
  const draft = (key: string, position: number) =>
    catalog.draftSeries({ bucketId, key, fields: [...fields], createdAt: 1 }, position);
  const drafts = [draft('cpu,host=a', 0), draft('cpu,host=b', 1)];
  t.equal(catalog.series(bucketId).size, 0, 'drafts are not there yet');
  const { sourcesVersion } = catalog;
  await catalog.createSeries(drafts);
  await catalog.createSeries([]);
  t.equal(catalog.sourcesVersion, sourcesVersion, 'what was found before is what it was');
  t.equal(catalog.series(bucketId).get('cpu,host=a'), drafts[0]);
  t.equal(catalog.source(drafts[1].id), drafts[1]);
  await catalog.updateSource(drafts[0], { name: 'other' });
  await catalog.deleteSource(drafts[1].id);
  t.equal(catalog.sourcesVersion, sourcesVersion + 2);
  for (const now of [catalog, await open(disk, log)]) {
    t.match([...now.series(bucketId)], [['cpu,host=a', { name: 'other', series: 'cpu,host=a', fields }]]);
    t.equal(now.series(bucketId).size, 1);
  }
});

t.test('rules go with their source and with their bucket, and a snapshot without any opens', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const { id: bucketId } = await catalog.createBucket(newBucket);
  const [one, two] = [
    await catalog.createSource(bucketId, newSource),
    await catalog.createSource(bucketId, newSource),
  ];
  const rules = [];
  for (const { id: sourceId } of [one, two, two]) {
    rules.push(await catalog.createRule(bucketId, { ...newRule, sourceId }));
  }
  const list = catalog.rulesOf(two.ordinal);
  t.strictSame(list, rules.slice(1));
  t.equal(catalog.rulesOf(two.ordinal), list, 'the same list while nothing changes');
  const renamed = await catalog.updateRule(rules[1], { name: 'other' });
  t.equal(renamed.revision, 1, 'it watches what it did');
  t.equal((await catalog.updateRule(renamed, { status: 'paused' })).revision, 2);
  t.strictSame(list, rules.slice(1), 'a list is never changed');
  t.not(catalog.rulesOf(two.ordinal), list);
  await catalog.deleteSource(two.id);
  for (const now of [catalog, await open(disk, log)]) {
    t.strictSame(now.allRules(), [rules[0]]);
    t.equal(now.rulesOf(two.ordinal), undefined);
  }
  await catalog.save();
  t.strictSame(seen(await open(disk, new MemoryLog(log.lastSequence))), seen(catalog));
  await catalog.deleteBucket(bucketId);
  t.equal(catalog.allRuleCount, 0);
  t.equal(catalog.rulesOf(one.ordinal), undefined);
  await catalog.save();
  const saved = decodeSnapshot(disk.files().get(SNAPSHOT)!, CATALOG_FILE, SNAPSHOT).image as CatalogImage;
  const { rules: none, ...image } = saved;
  t.strictSame(none, []);
  disk.put(SNAPSHOT, encodeSnapshot(CATALOG_FILE, { sequence: log.lastSequence, image }));
  t.strictSame(
    seen(await open(disk, new MemoryLog(log.lastSequence))),
    seen(catalog),
    'as older versions wrote it',
  );
});

t.test('dashboards go with their bucket, and a snapshot without any opens', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const { id: bucketId } = await catalog.createBucket(newBucket);
  const { id: otherId } = await catalog.createBucket(newBucket);
  const first = await catalog.createDashboard(bucketId, newDashboard);
  const kept = await catalog.createDashboard(otherId, { ...newDashboard, panels: [newPanel] });
  const changed = await catalog.updateDashboard(first, { panels: [newPanel] });
  t.match(changed, { revision: 2, panels: [newPanel], name: 'Beds', createdAt: first.createdAt });
  t.ok(changed.updatedAt > first.updatedAt);
  for (const now of [catalog, await open(disk, log)]) {
    t.strictSame(now.dashboards(bucketId), [changed]);
    t.strictSame(now.dashboard(kept.id), kept);
  }
  await catalog.deleteBucket(bucketId);
  await catalog.save();
  for (const now of [catalog, await open(disk, new MemoryLog(log.lastSequence))]) {
    t.equal(now.dashboard(first.id), undefined);
    t.strictSame(now.dashboards(bucketId), []);
    t.strictSame(now.dashboards(otherId), [kept]);
  }
  await catalog.deleteDashboard(kept.id);
  await catalog.save();
  const saved = decodeSnapshot(disk.files().get(SNAPSHOT)!, CATALOG_FILE, SNAPSHOT).image as CatalogImage;
  const { dashboards: none, ...image } = saved;
  t.strictSame(none, []);
  disk.put(SNAPSHOT, encodeSnapshot(CATALOG_FILE, { sequence: log.lastSequence, image }));
  t.strictSame(
    seen(await open(disk, new MemoryLog(log.lastSequence))),
    seen(catalog),
    'as older versions wrote it',
  );
});

t.test('fields that are declared alike are one list, from the snapshot and the log too', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const catalog = await open(disk, log);
  await catalog.bootstrap();
  const { id } = await catalog.createBucket(newBucket);
  const plain = () => [
    { name: 'a', type: 'number' as const },
    { name: 'b', type: 'string' as const },
  ];
  const withUnit = () => [{ name: 'a', type: 'number' as const, unit: 'K' }];
  for (const fields of [plain(), withUnit(), plain(), withUnit()]) {
    await catalog.createSource(id, { ...newSource, fields });
  }
  await catalog.save();
  await catalog.createSource(id, { ...newSource, fields: plain() });
  for (const now of [catalog, await open(disk, log)]) {
    const [first, unit, second, other, third] = now.sources(id).map(({ fields }) => fields);
    t.strictSame([first, unit], [plain(), withUnit()]);
    t.equal(first, second);
    t.equal(first, third);
    t.not(unit, other, 'a unit is an own matter');
  }
});
