import { useEffect, useRef, useState } from 'preact/hooks';
import { Asker } from './asker.js';

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
  const asker = useRef<Asker<Value> | undefined>(undefined);
  useEffect(() => {
    if (question === '') return undefined;
    const made = new Asker<Value>({
      everyMs: QUESTION_EVERY_MS,
      onAnswer: value => setAnswered({ value }),
      onFailure: error => setAnswered(before => ({ ...before, error })),
    });
    asker.current = made;
    return () => made.close();
  }, [question]);
  useEffect(() => {
    if (question !== '') asker.current?.want(ask);
  }, [question, version]);
  return answered;
}
