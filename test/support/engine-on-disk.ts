import { Engine, type EngineOptions } from '../../engine/engine.js';
import type { Disk } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { inlineRunner } from './inline-runner.js';

export interface OpenEngine {
  readonly engine: Engine;
  readonly log: Log;
  /** As a service stops: what is in memory becomes a segment. */
  close(): Promise<void>;
}

const DIRECTORY = '/data';

/** An engine and its log on one disk, put together as the server does it. */
export async function openEngine(
  disk: Disk,
  options: Partial<EngineOptions> & { readonly segmentBytesMax?: number } = {},
): Promise<OpenEngine> {
  const { segmentBytesMax, directory = DIRECTORY, ...engineOptions } = options;
  const engine = await Engine.open({
    disk,
    directory,
    runner: inlineRunner(disk),
    ...engineOptions,
  });
  const log = await Log.open({
    disk,
    directory: `${directory}/wal`,
    participants: engine.participants,
    ...(segmentBytesMax !== undefined && { segmentBytesMax }),
  });
  engine.start(log);
  return {
    engine,
    log,
    async close() {
      await engine.close();
      await log.close();
    },
  };
}
