/** One attempt on the wire. */
import { isIP, type LookupFunction } from 'node:net';
import { WEBHOOK_ANSWER_BYTES_MAX, WEBHOOK_TEXT_CHARACTERS_MAX } from '../limits.js';

export interface PostRequest {
  readonly url: URL;
  /** Of the host; no others are connected to. */
  readonly addresses: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface PostAnswer {
  readonly status: number;
  /** '' where there is none. */
  readonly retryAfter: string;
  /** The first characters of the body. */
  readonly text: string;
}

/**
 * Posts over a connection of its own, and reads the answer to its end, or as far as it may go. Redirects are answers
 * as all others.
 * @throws (rejects) where there is no whole answer, or with the reason of the signal.
 */
export async function post({ url, addresses, headers, body, signal }: PostRequest): Promise<PostAnswer> {
  // Loaded when it is first needed: most servers send no webhooks in their first second.
  const { Client } = await import('undici');
  // Kept open it would lead where the name has led once, not where it was found to lead now.
  const client = new Client(url.origin, {
    connect: { lookup: lookupOf(addresses), timeout: 0 },
    autoSelectFamily: true,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const path = url.pathname + url.search;
    const answer = await client.request({ method: 'POST', path, headers, body, signal, reset: true });
    const { 'retry-after': retryAfter = '' } = answer.headers;
    const text = await beginningOf(answer.body);
    return { status: answer.statusCode, retryAfter: [retryAfter].flat()[0], text };
  } finally {
    await client.destroy();
  }
}

/** Of an answer without end no more is read than may be. */
async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= WEBHOOK_ANSWER_BYTES_MAX) break;
  }
  return shortened(Buffer.concat(chunks).toString());
}

/** As many characters as are remembered, in well-formed Unicode. */
export function shortened(text: string): string {
  return text.slice(0, WEBHOOK_TEXT_CHARACTERS_MAX).replace(/[\uD800-\uDBFF]$/, '');
}

/** Answers with what the name was found to be, whatever it may be by now. */
function lookupOf(addresses: readonly string[]): LookupFunction {
  const all = addresses.map(address => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all) callback(null, all);
    else callback(null, all[0].address, all[0].family);
  };
}
