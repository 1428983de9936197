/** Sends a request as it is and keeps all that comes back. */
import { createParser } from 'eventsource-parser';
import type { ApiRequest } from './request.js';

export interface StreamEvent {
  readonly id: string;
  readonly name: string;
  readonly data: string;
  readonly receivedAt: number;
}

export interface SentAnswer {
  /** 0 where there was none. */
  readonly status: number;
  readonly statusText: string;
  readonly milliseconds: number;
  readonly bytes: Uint8Array;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Media type, without parameters. */
  readonly type: string;
}

/** No answer came. @throws (rejects) AbortError where the signal aborts before the end. */
export async function send(
  { method, target, headers, body }: ApiRequest,
  signal: AbortSignal,
  onEvent?: (event: StreamEvent) => void,
  onHead?: (answer: SentAnswer) => void,
): Promise<SentAnswer> {
  const begun = performance.now();
  let response: Response;
  try {
    response = await fetch(target, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      body,
      signal,
      cache: 'no-store',
      credentials: 'omit',
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return noAnswer(error, performance.now() - begun);
  }
  const head = {
    status: response.status,
    statusText: response.statusText,
    headers: [...response.headers],
    type: (response.headers.get('content-type') ?? '').split(';')[0],
    milliseconds: performance.now() - begun,
    bytes: new Uint8Array(),
  };
  if (head.type === 'text/event-stream' && onEvent !== undefined && response.body !== null) {
    onHead?.(head);
    await readEvents(response.body, onEvent);
    return head;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { ...head, bytes, milliseconds: performance.now() - begun };
}

/** The browser says why only in its console, where a request could not be sent at all it says it here. */
function noAnswer(error: unknown, milliseconds: number): SentAnswer {
  const text = error instanceof Error ? error.message : String(error);
  return {
    status: 0,
    statusText: 'No answer',
    milliseconds,
    bytes: new TextEncoder().encode(text),
    headers: [],
    type: 'text/plain',
  };
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: StreamEvent) => void,
): Promise<void> {
  const parser = createParser({
    onEvent: ({ id = '', event = '', data }) => onEvent({ id, name: event, data, receivedAt: Date.now() }),
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}
