/** Points as they are stored, by one stream a page. The key goes in a header: addresses are kept in logs. */
import { signal } from '@preact/signals';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { Api } from '../base/api.js';
import type { RawPoint } from '../base/types.js';
import type { LiveFeed } from '../chart/model.js';
import { backoffMs } from './backoff.js';

/** `refused`: the key or the bucket is gone, trying again does not help. */
export type LiveState = 'paused' | 'connecting' | 'live' | 'reconnecting' | 'refused';

/** The server says something every five seconds: after three silences the line is dead. */
const SILENCE_MS_MAX = 16_000;

export class LiveStream implements LiveFeed {
  readonly state = signal<LiveState>('paused');
  readonly #listeners = new Set<(point: RawPoint) => void>();
  /** Points may be missing: what is shown has to be read again. */
  readonly #onGap: () => void;
  #running: AbortController | undefined;
  #address = '';
  #bucketId = '';
  /** Of the bucket, whichever of its sources are read; '' where no point has come yet. */
  #lastEventId = '';
  /** Whether the bucket was read before: points stored since then may be missing. */
  #hasRead = false;

  constructor(onGap: () => void) {
    this.#onGap = onGap;
  }

  subscribe(listener: (point: RawPoint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From where it was left, if it is of the same bucket; else from now on. */
  start(api: Api, bucketId: string, sourceIds: readonly string[]): void {
    this.stop();
    if (bucketId !== this.#bucketId) {
      this.#lastEventId = '';
      this.#hasRead = false;
    }
    this.#bucketId = bucketId;
    this.#address = addressOf(bucketId, sourceIds);
    const running = new AbortController();
    this.#running = running;
    this.state.value = 'connecting';
    void this.#run(api, running);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.state.value = 'paused';
  }

  async #run(api: Api, running: AbortController): Promise<void> {
    for (let failures = 0; !running.signal.aborted; ) {
      try {
        await this.#read(api, running, () => {
          failures = 0;
        });
      } catch {
        // It is tried again, whatever it was.
      }
      if (running.signal.aborted) return;
      if (this.state.peek() === 'refused') return;
      this.state.value = 'reconnecting';
      await waited(backoffMs(++failures), running.signal);
    }
  }

  async #read(api: Api, running: AbortController, onOpen: () => void): Promise<void> {
    const line = new AbortController();
    const signal = AbortSignal.any([running.signal, line.signal]);
    const response = await fetch(this.#address, {
      headers: { 'X-API-Key': api.key, ...(this.#lastEventId && { 'Last-Event-ID': this.#lastEventId }) },
      signal,
    });
    if (!response.ok || response.body === null) {
      const isRefused = response.status >= 400 && response.status < 500 && response.status !== 429;
      if (isRefused) this.state.value = 'refused';
      return;
    }
    onOpen();
    this.state.value = 'live';
    // The server tells of a gap only where it is told what came last. From here on it sends all that it stores.
    if (this.#hasRead && this.#lastEventId === '') this.#onGap();
    this.#hasRead = true;
    const parser = createParser({ onEvent: event => this.#tell(event) });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let silence = setTimeout(() => line.abort(), SILENCE_MS_MAX);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => line.abort(), SILENCE_MS_MAX);
        parser.feed(value);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  #tell({ event, id, data }: EventSourceMessage): void {
    if (id !== undefined) this.#lastEventId = id;
    // One that is dropped comes back with what came last, and is told whether that leaves a gap.
    if (event === 'gap') {
      this.#lastEventId = '';
      this.#onGap();
    } else if (event === 'closed') {
      this.state.value = 'refused';
    } else if (event === undefined) {
      const point = JSON.parse(data) as RawPoint;
      for (const listener of this.#listeners) listener(point);
    }
  }
}

/** More would make an address that is longer than servers take: listeners know theirs among all of the bucket. */
const SOURCES_NAMED_MAX = 200;

function addressOf(bucketId: string, sourceIds: readonly string[]): string {
  const bucket = `/api/data/stream?bucketId=${bucketId}`;
  return sourceIds.length > SOURCES_NAMED_MAX ? bucket : `${bucket}&dataSourceId=${sourceIds.join(',')}`;
}

function waited(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
