/** State in the log and a snapshot, whatever a state does when its image is asked for. */
import t from 'tap';
import { USAGE_FILE } from '../../../server/journal/files.js';
import { Ledger, type LedgerState } from '../../../server/journal/ledger.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { MemoryLog } from '../../support/memory-log.js';

/** The last number told, and numbers that are put off until an image is asked for. */
class Last implements LedgerState<number> {
  value: number;
  settle = () => {};

  constructor(image: unknown) {
    this.value = (image as number | undefined) ?? 0;
  }

  apply(change: number): void {
    this.value = change;
  }

  toImage(): number {
    this.settle();
    return this.value;
  }
}

async function open(disk: FakeDisk, log: MemoryLog): Promise<Ledger<number, Last>> {
  const clock = { now: () => 0 };
  const stateOf = (image: unknown) => new Last(image);
  const ledger = await Ledger.open<number, Last>({
    disk,
    directory: '/data',
    clock,
    file: USAGE_FILE,
    stateOf,
  });
  log.replayTo(ledger.participant);
  ledger.start(log);
  return ledger;
}

t.test('what a state commits while its image is made is not replayed over it', async t => {
  const [disk, log] = [new FakeDisk(), new MemoryLog()];
  disk.put('/data/keep', new Uint8Array(1));
  const ledger = await open(disk, log);
  await ledger.commit([1]);
  ledger.state.settle = () => {
    void ledger.commit([2]);
    // What the log does not carry comes after it, and is in the image.
    ledger.state.value = 3;
    ledger.state.settle = () => {};
  };
  await ledger.save();
  t.equal((await open(disk, log)).state.value, 3);
  t.equal(ledger.participant.sealedThrough, log.lastSequence);
});

t.test('changes behind the snapshot are replayed, and those before it are not', async t => {
  const [disk, log] = [new FakeDisk(), new MemoryLog()];
  disk.put('/data/keep', new Uint8Array(1));
  const ledger = await open(disk, log);
  await ledger.commit([1, 5]);
  await ledger.save();
  t.equal((await open(disk, log)).state.value, 5);
  await ledger.commit([7]);
  t.equal((await open(disk, log)).state.value, 7);
  t.equal((await open(new FakeDisk(), log)).state.value, 7, 'the log alone has all of it');
});
