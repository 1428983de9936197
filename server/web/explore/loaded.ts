import { useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<Value> {
  /** Of the last answer: it stays while the next is on its way. */
  readonly value: Value | undefined;
  readonly error: unknown;
  /** Asks again. */
  readonly reload: () => void;
}

const REFRESH_MS = 10_000;

/** Of a long list: no more than a twentieth of the time is spent on reading it again. */
const REFRESH_FACTOR = 20;

/**
 * What the server says, asked for again whenever a dependency changes, and every ten seconds or more while the page is
 * looked at.
 * @param load rejects where there is no answer
 */
export function useLoaded<Value>(
  load: (signal: AbortSignal) => Promise<Value>,
  dependencies: readonly unknown[],
): Loaded<Value> {
  const [state, setState] = useState<{ value?: Value; error?: unknown }>({});
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = () => setRound(last => last + 1);
  useEffect(() => {
    const controller = new AbortController();
    const isWanted = () => !controller.signal.aborted;
    const begun = performance.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (waitMs: number) => {
      timer = setTimeout(() => (document.visibilityState === 'visible' ? reload() : refresh(waitMs)), waitMs);
    };
    latest
      .current(controller.signal)
      .then(value => isWanted() && setState({ value }))
      .catch(error => isWanted() && setState(({ value }) => ({ value, error })))
      .finally(() => {
        const spentMs = performance.now() - begun;
        if (isWanted()) refresh(Math.max(REFRESH_MS, REFRESH_FACTOR * spentMs));
      });
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [...dependencies, round]);
  return { value: state.value, error: state.error, reload };
}
