/** What the client can do: the same requests to a process that does nothing with them. */
import { fileURLToPath } from 'node:url';
import { MeasuredProcess } from './measured-process.js';
import { type PreparedBatch, type SendReport, sendBatches } from './sender.js';

const SINK = fileURLToPath(new URL('./null-sink-process.js', import.meta.url));

export async function sendToNullSink(
  batches: readonly PreparedBatch[],
  connections: number,
): Promise<SendReport> {
  const sink = MeasuredProcess.start(process.execPath, [SINK]);
  try {
    const [origin] = await sink.untilPrinted(/http:\/\/127\.0\.0\.1:\d+/, 10_000);
    return await sendBatches(origin, batches, {
      connections,
      check({ status }) {
        if (status !== 201) throw new Error(`The sink answered with ${status}`);
      },
    });
  } finally {
    await sink.end('SIGKILL');
  }
}
