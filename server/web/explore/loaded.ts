import { useEffect, useRef, useState } from 'preact/hooks';

export interface Loaded<Value> {
  /** Of the last answer: it stays while the next is on its way. */
  readonly value: Value | undefined;
  readonly error: unknown;
  /** Asks again. */
  readonly reload: () => void;
}

const REFRESH_MS = 10_000;

/**
 * What the server says, asked for again whenever a dependency changes, and every ten seconds while the page is looked at.
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
    latest
      .current(controller.signal)
      .then(value => isWanted() && setState({ value }))
      .catch(error => isWanted() && setState(({ value }) => ({ value, error })));
    return () => controller.abort();
  }, [...dependencies, round]);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && reload(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return { value: state.value, error: state.error, reload };
}
