/** Waiting, in the hands of tests. */
export interface Timers {
  /** Calls back once. @returns what cancels it */
  set(callback: () => void, delayMs: number): () => void;
}

export const systemTimers: Timers = {
  set(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    // What is due is due after the next start too: nothing keeps a process for it.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
