import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Client } from '../../bench/client.js';
import { ADMIN_KEY, ServerProcess } from '../../bench/server-process.js';

export interface RunningServer {
  readonly server: ServerProcess;
  readonly directory: string;
  /** With the Admin key. */
  readonly client: Client;
}

/** The real server in a process of its own, on an empty data directory; both are gone after the test. */
export async function runServer(t: Test): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), 'dakkio-test-'));
  const server = await ServerProcess.start(directory);
  const client = new Client(server.origin, ADMIN_KEY, 4);
  t.teardown(async () => {
    client.close();
    await server.end('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  return { server, directory, client };
}
