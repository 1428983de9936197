/** The live points of one bucket: who reads them, and what those who come back have missed. */
import type { Clock } from '../../engine/base/time.js';
import type { StreamSink } from '../http/application.js';
import {
  STREAM_BUFFERED_BYTES_MAX,
  STREAM_KEPT_BYTES_MAX,
  STREAM_KEPT_MS_MAX,
  STREAMS_KEPT_BYTES_MAX,
} from '../limits.js';
import { type EventId, eventsAfter, HEARTBEAT, namedEvent, type PointEvents } from './events.js';

export interface Reader {
  readonly sink: StreamSink;
  /** Whether points of a source are wanted. */
  wants(ordinal: number): boolean;
  /** Why the reader may read no more, if so. */
  refusal(): string | undefined;
}

interface Kept {
  readonly events: PointEvents;
  readonly at: number;
}

/** Bytes that all channels keep together. */
export interface KeptBytes {
  bytes: number;
}

export class Channel {
  readonly #clock: Clock;
  readonly #total: KeptBytes;
  readonly #readers = new Set<Reader>();
  readonly #kept: Kept[] = [];
  #keptBytes = 0;
  /** Everything behind this event is kept. */
  #keptAfter: EventId;
  #leftAt: number;

  /** @param position of the last batch that was stored before */
  constructor(clock: Clock, position: number, total: KeptBytes) {
    this.#clock = clock;
    this.#total = total;
    // Whoever has seen any of that batch is taken to have seen all of it.
    this.#keptAfter = { position, index: -1 };
    this.#leftAt = clock.now();
  }

  /** Whether nobody reads, and nobody who did may come back. */
  get isDead(): boolean {
    return this.#readers.size === 0 && this.#clock.now() - this.#leftAt > STREAM_KEPT_MS_MAX;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  /** Everything from now on; and before it what came behind `seen`, or an event `gap` where that is not kept any more. */
  add(reader: Reader, seen: EventId | undefined): void {
    // Headers go out with the first byte: without it nobody would know that the stream is open.
    reader.sink.write(HEARTBEAT);
    if (seen !== undefined) this.#catchUp(reader, seen);
    this.#readers.add(reader);
  }

  remove(reader: Reader): void {
    this.#readers.delete(reader);
    this.#leftAt = this.#clock.now();
  }

  publish(events: PointEvents): void {
    this.#keep(events);
    for (const reader of [...this.#readers]) {
      if (!reader.wants(events.ordinal)) continue;
      // A key that was deleted reads no point more, heartbeat or not.
      if (this.#endRefused(reader)) continue;
      if (reader.sink.bufferedBytes + events.bytes.length > STREAM_BUFFERED_BYTES_MAX) {
        this.#end(reader, 'dropped', 'The reader is too slow: too many points wait to be read');
      } else {
        reader.sink.write(events.bytes);
      }
    }
  }

  /** Whether somebody reads points of a source. */
  isWanted(ordinal: number): boolean {
    for (const reader of this.#readers) if (reader.wants(ordinal)) return true;
    return false;
  }

  /** Points of a source that nobody gets, up to an event: those who read them are dropped, and may come back. */
  leaveOut(ordinal: number, last: EventId): void {
    for (const reader of [...this.#readers]) {
      if (reader.wants(ordinal)) this.#end(reader, 'dropped', 'There were points too large to be sent');
    }
    this.close();
    this.#keptAfter = last;
  }

  /** Keeps nothing any more. */
  close(): void {
    this.#kept.length = 0;
    this.#total.bytes -= this.#keptBytes;
    this.#keptBytes = 0;
  }

  /** Shows that the connection lives, and ends it where its key or bucket do not. */
  beat(): void {
    for (const reader of [...this.#readers]) {
      if (!this.#endRefused(reader) && reader.sink.bufferedBytes === 0) reader.sink.write(HEARTBEAT);
    }
    this.#forget();
  }

  /** @returns whether the reader may read no more */
  #endRefused(reader: Reader): boolean {
    const refusal = reader.refusal();
    if (refusal === undefined) return false;
    this.#end(reader, 'closed', refusal);
    return true;
  }

  #end(reader: Reader, name: string, reason: string): void {
    reader.sink.write(namedEvent(name, { reason }));
    reader.sink.end();
    this.remove(reader);
  }

  #catchUp({ sink, wants }: Reader, seen: EventId): void {
    this.#forget();
    if (isBefore(seen, this.#keptAfter)) {
      const reason = 'Points stored meanwhile are not kept here any more; query what is missing';
      sink.write(namedEvent('gap', { reason }));
    }
    for (const { events } of this.#kept) {
      if (wants(events.ordinal)) sink.write(eventsAfter(events, seen));
    }
  }

  #keep(events: PointEvents): void {
    this.#kept.push({ events, at: this.#clock.now() });
    this.#keptBytes += events.bytes.length;
    this.#total.bytes += events.bytes.length;
    this.#forget();
  }

  #forget(): void {
    const oldest = this.#clock.now() - STREAM_KEPT_MS_MAX;
    let count = 0;
    while (
      count < this.#kept.length &&
      (this.#kept[count].at < oldest ||
        this.#keptBytes > STREAM_KEPT_BYTES_MAX ||
        this.#total.bytes > STREAMS_KEPT_BYTES_MAX)
    ) {
      const { events } = this.#kept[count++];
      this.#keptBytes -= events.bytes.length;
      this.#total.bytes -= events.bytes.length;
      this.#keptAfter = { position: events.position, index: events.to - 1 };
    }
    this.#kept.splice(0, count);
  }
}

function isBefore(one: EventId, other: EventId): boolean {
  return one.position < other.position || (one.position === other.position && one.index < other.index);
}
