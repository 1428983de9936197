import t from 'tap';
import { DecodedCache } from '../../../engine/segment/cache.js';
import { ReaderShelf } from '../../../engine/segment/reader-shelf.js';
import { openEngine } from '../../support/engine-on-disk.js';
import { FakeDisk } from '../../support/fake-disk.js';

t.test('segments stay open from one query to the next, and no longer than two sweeps', async t => {
  const disk = new FakeDisk();
  const { engine, close } = await openEngine(disk);
  for (let time = 0; time < 2; time++) {
    await engine.append({ sources: [{ source: 1, timestamps: Float64Array.of(time), fields: [] }] });
    await engine.flush();
  }
  const names = await disk.list('/data/segments');
  const [first, second] = names.map(name => `/data/segments/${name}`);
  const shelf = new ReaderShelf(disk, new DecodedCache(1_024));
  const reader = shelf.open(first);
  reader.release();
  t.ok(reader.isUsed, 'kept');
  t.equal(shelf.open(first), reader, 'and given again');
  t.not(shelf.open(second), reader);
  shelf.sweep();
  t.equal(shelf.open(first), reader, 'asked for lately');
  shelf.sweep();
  shelf.sweep();
  t.ok(reader.isUsed, 'two queries have not let go of it');
  reader.release();
  reader.release();
  t.notOk(reader.isUsed, 'closed with the last query');
  t.not(shelf.open(first), reader, 'opened anew');
  await close();
});
