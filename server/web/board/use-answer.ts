import { useEffect, useRef, useState } from 'preact/hooks';

export interface Answered<Value> {
  /** The last one that came: it stays until there is another. */
  readonly value?: Value;
  readonly error?: unknown;
}

/** Live ranges move all the time: one question at a time, and no more than this many. */
const QUESTION_EVERY_MS = 2_000;

/**
 * Asks again when the question changes, or `version`.
 * @param question what is asked, as text; '' for none
 */
export function useAnswer<Value>(
  question: string,
  version: string,
  ask: (signal: AbortSignal) => Promise<Value>,
): Answered<Value> {
  const [answered, setAnswered] = useState<Answered<Value>>({});
  const latest = useRef(ask);
  latest.current = ask;
  const asked = useRef({ question: '', at: Number.NEGATIVE_INFINITY });
  useEffect(() => {
    if (question === '') return undefined;
    const abort = new AbortController();
    const last = asked.current;
    const waitMs =
      last.question === question ? Math.max(0, last.at + QUESTION_EVERY_MS - performance.now()) : 0;
    const timer = setTimeout(() => {
      asked.current = { question, at: performance.now() };
      latest.current(abort.signal).then(
        value => setAnswered({ value }),
        error => !abort.signal.aborted && setAnswered(before => ({ ...before, error })),
      );
    }, waitMs);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [question, version]);
  return answered;
}
