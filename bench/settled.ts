/** Servers that have nothing left to do: what they measure then is theirs, not a flush's or a compaction's. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from './client.js';
import type { CpuClock } from './measured-process.js';
import { ADMIN_KEY, ServerProcess } from './server-process.js';

const WINDOW_MS = 250;
/** Share of a core below which a server is idle. */
const IDLE_SHARE = 0.03;
/** Compactions are looked for a second after the start. */
const REST_AFTER_START_MS = 1_500;
const SETTLE_TIME_MAX_MS = 600_000;

/** @param restMs how long it has had nothing to do @throws (rejects) where it is still busy after ten minutes. */
export async function settle(server: CpuClock, restMs = 2 * WINDOW_MS): Promise<void> {
  const started = performance.now();
  for (let idle = 0; idle * WINDOW_MS < restMs; ) {
    if (performance.now() - started > SETTLE_TIME_MAX_MS) throw new Error('The server does not come to rest');
    const before = server.cpuMs();
    await sleep(WINDOW_MS);
    idle = server.cpuMs() - before < WINDOW_MS * IDLE_SHARE ? idle + 1 : 0;
  }
}

/** Runs a server on a directory until it has nothing left to do there. */
export async function settleDirectory(directory: string): Promise<void> {
  const server = await ServerProcess.start(directory);
  try {
    await settle(server, REST_AFTER_START_MS);
    await server.end('SIGTERM');
  } finally {
    await server.end('SIGKILL');
  }
}

export interface Restarted {
  readonly server: ServerProcess;
  /** From the start of the process until it says that it listens. */
  readonly readyMs: number;
  /** From the start of the process to the answer of its first query. */
  readonly firstAnswerMs: number;
}

/** Starts a server on what another one has left, and asks it something at once. */
export async function startAndAsk(
  directory: string,
  query: Buffer,
  nodeFlags: readonly string[] = [],
  settings: readonly string[] = [],
): Promise<Restarted> {
  const started = performance.now();
  const server = await ServerProcess.start(directory, nodeFlags, settings);
  const readyMs = performance.now() - started;
  const client = new Client(server.origin, ADMIN_KEY, 1);
  const { status, body } = await client.send('POST', '/api/data/query', query);
  const firstAnswerMs = performance.now() - started;
  client.close();
  if (status === 200) return { server, readyMs, firstAnswerMs };
  await server.end('SIGKILL');
  throw new Error(`The first query was answered with ${status}: ${body}`);
}
