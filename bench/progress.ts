import { SingleBar } from 'cli-progress';

/** Shows on a terminal how far some work has come; silent elsewhere. */
export async function withProgress<Result>(
  unit: string,
  total: number,
  work: (onProgress: (done: number) => void) => Promise<Result>,
): Promise<Result> {
  if (!process.stderr.isTTY) return work(() => {});
  const bar = new SingleBar({
    stream: process.stderr,
    format: `{bar} {value}/{total} ${unit}, {eta_formatted} left`,
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(total, 0);
  try {
    return await work(done => bar.update(Math.min(done, total)));
  } finally {
    bar.stop();
  }
}
