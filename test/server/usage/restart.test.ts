/** The real server: what it has counted is there after a restart, and what it says it takes on the disk is what is there. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../../../bench/client.js';
import { directoryBytes } from '../../../bench/data-directory.js';
import { ADMIN_KEY, ServerProcess } from '../../../bench/server-process.js';

interface Overview {
  readonly overview: {
    readonly totals: { readonly dataPoints: number };
    readonly usage: { readonly apiCallsThisMonth: number; readonly storageUsedBytes: number };
    readonly plan: { readonly name: string };
    readonly recentActivity: { readonly lastDataIngestion: string | null };
  };
}

t.test('calls, plan and disk, across restarts', async t => {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-usage-'));
  let server: ServerProcess | undefined;
  t.teardown(async () => {
    await server?.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  const started = async (plan: string) => {
    server = await ServerProcess.start(directory, [], ['--plan', plan]);
    return new Client(server.origin, ADMIN_KEY, 1);
  };
  const first = await started('pro');
  const { bucket } = await first.json<{ bucket: { _id: string } }>('POST', '/api/buckets', { name: 'home' });
  const lines = Array.from({ length: 500 }, (_, at) => `m v=${at / 8} ${at + 1}`).join('\n');
  const target = `/write?db=${bucket._id}`;
  for (let call = 0; call < 20; call++)
    t.equal((await first.send('POST', target, Buffer.from(lines))).status, 204);
  const before = Date.now();
  const { overview } = await first.json<Overview>('GET', '/api/analytics/overview');
  t.equal(overview.usage.apiCallsThisMonth, 22);
  t.equal(overview.plan.name, 'pro');
  t.ok(Math.abs(before - Date.parse(overview.recentActivity.lastDataIngestion!)) < 60_000);
  first.close();
  await server!.end('SIGTERM');

  const second = await started('enterprise');
  const again = (await second.json<Overview>('GET', '/api/analytics/overview')).overview;
  t.equal(again.usage.apiCallsThisMonth, 23);
  t.equal(again.plan.name, 'enterprise');
  t.equal(again.totals.dataPoints, 10_000);
  t.equal(again.recentActivity.lastDataIngestion, overview.recentActivity.lastDataIngestion);
  const { used, found, small } = await measured(second, directory);
  t.same(small.length, 1, `all but the lock is counted: ${small}`);
  t.ok(found - used < 1_000, `${used} of ${found} bytes`);
  t.ok(used <= found);
  second.close();
});

/** What is told of the directory and what is there, at a moment when nothing is written to it. */
async function measured(client: Client, directory: string) {
  for (;;) {
    const found = directoryBytes(directory);
    const { overview } = await client.json<Overview>('GET', '/api/analytics/overview');
    const small = readdirSync(directory).filter(name => !/snapshot$|^manifest$|^wal$|^segments$/.test(name));
    const { storageUsedBytes: used } = overview.usage;
    if (directoryBytes(directory) === found && small.length < 2) return { used, found, small };
  }
}
