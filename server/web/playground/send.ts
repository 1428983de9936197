/** Sends a request as it is and keeps all that comes back. */
import { createParser } from 'eventsource-parser';
import { messageOf } from '../base/api.js';
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
  /** The connection broke off before the end: what came until then is there. */
  readonly isCutOff?: boolean;
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
  const { body: stream } = response;
  if (head.type === 'text/event-stream' && onEvent !== undefined && stream !== null) {
    onHead?.(head);
    return { ...head, isCutOff: await breaksOff(stream, signal, eventReader(onEvent)) };
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const isCutOff = stream !== null && (await breaksOff(stream, signal, part => parts.push(part)));
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return { ...head, bytes, isCutOff, milliseconds: performance.now() - begun };
}

/** Reads to the end. @returns whether the connection broke off before it. @throws (rejects) where the signal aborts */
async function breaksOff(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
  take: (part: Uint8Array<ArrayBuffer>) => void,
): Promise<boolean> {
  const reader = stream.getReader();
  for (;;) {
    let part: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;
    try {
      part = await reader.read();
    } catch (error) {
      if (signal.aborted) throw error;
      return true;
    }
    if (part.done) return false;
    take(part.value);
  }
}

/** The browser says why only in its console, where a request could not be sent at all it says it here. */
function noAnswer(error: unknown, milliseconds: number): SentAnswer {
  return {
    status: 0,
    statusText: 'No answer',
    milliseconds,
    bytes: new TextEncoder().encode(messageOf(error)),
    headers: [],
    type: 'text/plain',
  };
}

function eventReader(onEvent: (event: StreamEvent) => void): (part: Uint8Array) => void {
  const parser = createParser({
    onEvent: ({ id = '', event = '', data }) => onEvent({ id, name: event, data, receivedAt: Date.now() }),
  });
  const decoder = new TextDecoder();
  return part => parser.feed(decoder.decode(part, { stream: true }));
}
