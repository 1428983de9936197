/** A thread in the place of the one that answers queries: it does what the metadata of the shape says. */
import { setTimeout } from 'node:timers/promises';
import type { AnswerJob, QueryResult, StopFlag } from '../../server/query/jobs.js';

export default async function work({
  shape,
  stop,
}: AnswerJob & { readonly stop: StopFlag }): Promise<QueryResult> {
  const { behaviour } = shape.metadata as { behaviour: 'answer' | 'wait' | 'throw' | 'end' | 'exhaust' };
  switch (behaviour) {
    case 'wait':
      while (Atomics.load(stop, 0) === 0) await setTimeout(1);
      return { kind: 'stopped', pointsScanned: 0 };
    case 'throw':
      throw new Error('unreadable');
    case 'end':
      process.exit(1);
      break;
    case 'exhaust':
      exhaustHeap();
      break;
    default:
  }
  return { kind: 'answered', body: new Uint8Array(1) };
}

function exhaustHeap(): void {
  const held: object[] = [];
  for (;;) held.push(new Array(5_000_000).fill(held.length));
}
