/** The live points of one bucket: who reads them, and what those who come back have missed. */
import type { Clock } from '../../engine/base/time.js';
import type { StreamSink } from '../http/application.js';
import { STREAM_BUFFERED_BYTES_MAX, STREAM_KEPT_BYTES_MAX, STREAM_KEPT_MS_MAX } from '../limits.js';
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

export class Channel {
  readonly #clock: Clock;
  readonly #readers = new Set<Reader>();
  readonly #kept: Kept[] = [];
  #keptBytes = 0;
  /** Everything behind this position is kept. */
  #keptAfter: number;
  #leftAt: number;

  /** @param position of the last batch that was stored before */
  constructor(clock: Clock, position: number) {
    this.#clock = clock;
    this.#keptAfter = position;
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
      if (reader.sink.bufferedBytes + events.bytes.length > STREAM_BUFFERED_BYTES_MAX) {
        this.#end(reader, 'dropped', 'The reader is too slow: too many points wait to be read');
      } else {
        reader.sink.write(events.bytes);
      }
    }
  }

  /** Shows that the connection lives, and ends it where its key or bucket do not. */
  beat(): void {
    for (const reader of [...this.#readers]) {
      const refusal = reader.refusal();
      if (refusal !== undefined) this.#end(reader, 'closed', refusal);
      else if (reader.sink.bufferedBytes === 0) reader.sink.write(HEARTBEAT);
    }
    this.#forget();
  }

  #end(reader: Reader, name: string, reason: string): void {
    reader.sink.write(namedEvent(name, { reason }));
    reader.sink.end();
    this.remove(reader);
  }

  #catchUp({ sink, wants }: Reader, seen: EventId): void {
    this.#forget();
    if (seen.position < this.#keptAfter) {
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
    this.#forget();
  }

  #forget(): void {
    const oldest = this.#clock.now() - STREAM_KEPT_MS_MAX;
    let count = 0;
    while (
      count < this.#kept.length &&
      (this.#kept[count].at < oldest || this.#keptBytes > STREAM_KEPT_BYTES_MAX)
    ) {
      const { events } = this.#kept[count++];
      this.#keptBytes -= events.bytes.length;
      this.#keptAfter = events.position;
    }
    this.#kept.splice(0, count);
  }
}
