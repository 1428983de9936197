import { systemClock } from '../../engine/base/time.js';
import { Engine } from '../../engine/engine.js';
import type { MarkKeeper } from '../../engine/marks.js';
import { Catalog } from '../../server/catalog/catalog.js';
import { Log } from '../../wal/log.js';
import type { FakeDisk } from './fake-disk.js';
import { inlineRunner } from './inline-runner.js';

export const STORE_DIRECTORY = '/data';

/** Catalog and engine on one log, put together as the server does it. */
export async function openStore(disk: FakeDisk, marks?: MarkKeeper) {
  const directory = STORE_DIRECTORY;
  const catalog = await Catalog.open({ disk, directory, clock: systemClock });
  const engine = await Engine.open({ disk, directory, runner: inlineRunner(disk), marks });
  const participants = [catalog.participant, ...engine.participants];
  const log = await Log.open({ disk, directory: `${directory}/wal`, participants });
  catalog.start(log);
  engine.start(log);
  await catalog.bootstrap();
  return {
    catalog,
    engine,
    async stop() {
      await engine.close();
      await catalog.save();
      await log.close();
    },
  };
}
