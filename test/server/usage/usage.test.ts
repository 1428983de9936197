import t from 'tap';
import { monthOf, startOfMonth } from '../../../server/usage/month.js';
import { Usage } from '../../../server/usage/usage.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { MemoryLog } from '../../support/memory-log.js';
import { Random, testSeed } from '../../support/random.js';

const DIRECTORY = '/data';
const DAY = 86_400_000;

function newDisk(): FakeDisk {
  const disk = new FakeDisk();
  disk.put(`${DIRECTORY}/keep`, new Uint8Array(1));
  return disk;
}

interface Clock {
  time: number;
  now(): number;
}

function clockAt(time: number): Clock {
  return {
    time,
    now() {
      return this.time;
    },
  };
}

async function open(disk: FakeDisk, log: MemoryLog, clock: Clock): Promise<Usage> {
  const usage = await Usage.open({ disk, directory: DIRECTORY, clock });
  log.replayTo(usage.participant);
  usage.start(log);
  return usage;
}

t.test('months', t => {
  for (const [time, next] of [
    ['1970-01-01T00:00:00Z', '1970-02-01T00:00:00Z'],
    ['2024-02-29T23:59:59.999Z', '2024-03-01T00:00:00Z'],
    ['2024-12-31T23:59:59.999Z', '2025-01-01T00:00:00Z'],
    ['2025-01-01T00:00:00Z', '2025-02-01T00:00:00Z'],
  ]) {
    const month = monthOf(Date.parse(time));
    t.ok(startOfMonth(month) <= Date.parse(time), time);
    t.equal(startOfMonth(month + 1), Date.parse(next), time);
  }
  t.end();
});

t.test('calls are counted by month, whatever is committed, saved and restarted', async t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 40; round++) {
    const [disk, log] = [newDisk(), new MemoryLog()];
    const clock = clockAt(Date.UTC(2024, random.integer(12), 1 + random.integer(28)));
    let usage = await open(disk, log, clock);
    /** Of each month, and those that a crash would leave. */
    const calls = new Map<number, number>();
    let durable = new Map<number, number>();
    let storedAt: number | null = null;
    let durableStoredAt: number | null = null;
    for (let step = 0; step < 80; step++) {
      const before = monthOf(clock.time);
      clock.time += random.integer(2 * DAY);
      const month = monthOf(clock.time);
      const kind = random.integer(10);
      if (kind < 6) {
        usage.count(`key ${random.integer(4)}`);
        // The end of a month is written down when the next one begins.
        if (month !== before) durable = new Map(calls);
        if (month !== before) durableStoredAt = storedAt;
        calls.set(month, (calls.get(month) ?? 0) + 1);
      } else if (kind === 6) {
        usage.markStored();
        storedAt = clock.time;
      } else {
        if (kind === 7) await usage.commit();
        else await usage.close();
        if (kind === 9) {
          usage.count('lost');
          usage = await open(disk, log, clock);
        } else if (kind === 8) usage = await open(disk, log, clock);
        durable = new Map(calls);
        durableStoredAt = storedAt;
      }
      t.equal(usage.callsThisMonth, calls.get(month) ?? 0);
      t.equal(usage.monthEnd, startOfMonth(month + 1));
      t.equal(usage.storedAt, storedAt);
      // Let what the change of the month has begun become durable.
      await new Promise(resolve => setImmediate(resolve));
    }
    const crashed = await open(disk, log, clock);
    const month = monthOf(clock.time);
    t.ok(crashed.callsThisMonth >= (durable.get(month) ?? 0));
    t.ok(crashed.callsThisMonth <= (calls.get(month) ?? 0));
    t.ok((crashed.storedAt ?? 0) >= (durableStoredAt ?? 0));
    await crashed.close();
  }
});

t.test('nothing is written while nothing changes', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const usage = await open(disk, log, clockAt(Date.UTC(2024, 0, 1)));
  await usage.commit();
  t.equal(log.records.length, 0);
  usage.count('a');
  await usage.commit();
  await usage.commit();
  t.equal(log.records.length, 1);
  await usage.close();
  t.equal(log.records.length, 1);
});

t.test('a log that fails costs counts, and nothing else', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const usage = await open(disk, log, clockAt(Date.UTC(2024, 0, 1)));
  usage.count('a');
  log.fail();
  await t.rejects(usage.commit(), { code: 'LOG_UNAVAILABLE' });
  usage.count('a');
  t.equal(usage.callsThisMonth, 2);
  await usage.close();
});

t.test('thirteen months are kept', async t => {
  const [disk, log] = [newDisk(), new MemoryLog()];
  const clock = clockAt(Date.UTC(2024, 0, 15));
  const usage = await open(disk, log, clock);
  for (let month = 0; month < 15; month++) {
    clock.time = Date.UTC(2024, month, 15);
    usage.count('a');
    await usage.commit();
  }
  const countIn = async (month: number) => {
    const then = await open(disk, log, clockAt(Date.UTC(2024, month, 20)));
    const { callsThisMonth } = then;
    await then.close();
    return callsThisMonth;
  };
  t.equal(await countIn(14), 1);
  t.equal(await countIn(2), 1);
  t.equal(await countIn(1), 0);
  await usage.close();
});
