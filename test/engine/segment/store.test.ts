/** Publications that fail half-way, and power cuts during the next one. */
import t from 'tap';
import { type OpenEngine, openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { plainRows } from '../../support/rows.js';

const ROUNDS = 4;
const SOURCES = [1];

function append({ engine }: OpenEngine, time: number) {
  const fields = [{ name: 'v', type: 'number' as const, values: Float64Array.of(time) }];
  return engine.append({ sources: [{ source: 1, timestamps: Float64Array.of(time), fields }] });
}

/** Four segments of one size, and the merge of them that begins by itself. */
async function merging(seed: number): Promise<{ disk: FakeDisk; open: OpenEngine }> {
  const disk = new FakeDisk(seed);
  const open = await openEngine(disk);
  for (let time = 0; time < ROUNDS; time++) {
    await append(open, time);
    await open.engine.flush();
  }
  return { disk, open };
}

/** Waits until nobody has called the disk for a while. */
async function quiet(disk: FakeDisk): Promise<void> {
  for (let turns = 0, calls = disk.calls; turns < 20; turns++) {
    await new Promise(resolve => setImmediate(resolve));
    if (disk.calls !== calls) turns = 0;
    calls = disk.calls;
  }
}

/** Waits for the end of the work, or of the power. */
async function ended(work: Promise<unknown>, disk: FakeDisk): Promise<void> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  work.then(done, done);
  while (!isDone && !disk.isCrashed) await new Promise(resolve => setImmediate(resolve));
}

t.test(
  'a merge that fails at any call, then a flush with a power cut at any call: every row is there once',
  async (t): Promise<unknown> => {
    for (let call = 1; ; call++) {
      // Every third cut, other ones for each call: all of them would take half a minute.
      for (let cut = 1 + (call % 3); ; cut += 3) {
        const { disk, open } = await merging(call * 100 + cut);
        const before = disk.calls;
        disk.failAt(before + call, 'EIO');
        await quiet(disk);
        if (disk.calls < before + call) return t.ok(call > 15, `${call - 1} calls of a merge`);
        await append(open, 100);
        disk.crashAt(disk.calls + cut);
        await ended(open.engine.flush(), disk);
        if (!disk.isCrashed) break;
        await open.engine.close();
        const found = await openEngine(disk.crash());
        const times = (await plainRows(found.engine, SOURCES)).map(({ time }) => time);
        if (String(times) !== '0,1,2,3,100') t.fail(`call ${call} failed, cut at ${cut}: ${times}`);
        await found.close();
      }
    }
  },
);
