/**
 * Clients that ask for the same export over and over, each on a connection of its own, in a thread of their own: what
 * they take must not be taken for the server's. Ends at the first message, with the number of answers.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Connection } from './connection.js';

export interface ExportOrders {
  readonly origin: string;
  readonly request: Uint8Array;
  readonly connections: number;
  /** Of an answer. */
  readonly rows: number;
}

const { origin, request, connections, rows } = workerData as ExportOrders;
/** The time that an answer took is in it. */
const LENGTH_DIFFERENCE_MAX = 8;

let isStopping = false;
let firstLength: number | undefined;
parentPort?.on('message', () => {
  isStopping = true;
});

async function loop(): Promise<number> {
  const connection = await Connection.open(origin);
  let answers = 0;
  while (!isStopping) {
    const { status, body } = await connection.send(Buffer.from(request));
    const metadata = body.toString('latin1', Math.max(0, body.lastIndexOf('metadata')));
    firstLength ??= body.length;
    if (
      status !== 200 ||
      !metadata.includes(`"count":${rows},`) ||
      Math.abs(body.length - firstLength) > LENGTH_DIFFERENCE_MAX
    ) {
      throw new Error(`An export was answered with ${status}, ${body.length} bytes: ${metadata}`);
    }
    answers++;
  }
  connection.close();
  return answers;
}

const loops = Array.from({ length: connections }, loop);
parentPort?.postMessage('started');
const counts = await Promise.all(loops);
parentPort?.postMessage(counts.reduce((sum, count) => sum + count, 0));
parentPort?.close();
