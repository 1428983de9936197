/** Points on their way to whoever watches, in the order in which they became durable. Buckets that nobody watches cost nothing. */
import type { Clock } from '../../engine/base/time.js';
import type { PackedBatch, PackedSource } from '../../engine/batch.js';
import type { Storage } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import { ApiError } from '../errors.js';
import { STREAM_HEARTBEAT_MS, STREAM_KEPT_BYTES_MAX, STREAMS_MAX } from '../limits.js';
import { Channel, type KeptBytes, type Reader } from './channel.js';
import { type EventId, type PointEvents, pointEvents } from './events.js';

export interface LiveHubOptions {
  readonly storage: Storage;
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Of the last batch that was stored before, or a later one: what came before it is not kept. */
  readonly position: number;
}

export class LiveHub {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  /** By id of the bucket. */
  readonly #channels = new Map<string, Channel>();
  readonly #kept: KeptBytes = { bytes: 0 };
  #position: number;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor({ storage, catalog, clock, position }: LiveHubOptions) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#position = position;
    storage.subscribe((batch, firstRows, position) => this.#stored(batch, firstRows, position));
  }

  get readerCount(): number {
    let count = 0;
    for (const channel of this.#channels.values()) count += channel.readerCount;
    return count;
  }

  /** @throws ApiError (TOO_MANY_STREAMS) */
  checkRoom(): void {
    if (this.readerCount >= STREAMS_MAX) throw new ApiError('TOO_MANY_STREAMS');
  }

  /** Points of a bucket from now on, or from an event on. @returns what ends it */
  read(bucketId: string, reader: Reader, seen: EventId | undefined): () => void {
    let channel = this.#channels.get(bucketId);
    if (channel === undefined) {
      channel = new Channel(this.#clock, this.#position, this.#kept);
      this.#channels.set(bucketId, channel);
    }
    channel.add(reader, seen);
    this.#heartbeat ??= setInterval(() => this.beat(), STREAM_HEARTBEAT_MS).unref();
    const entered = channel;
    return () => entered.remove(reader);
  }

  beat(): void {
    for (const [bucketId, channel] of this.#channels) {
      channel.beat();
      if (!channel.isDead) continue;
      channel.close();
      this.#channels.delete(bucketId);
    }
    if (this.#channels.size > 0) return;
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
  }

  #stored(batch: PackedBatch, firstRows: readonly number[], position: number): void {
    this.#position = position;
    if (this.#channels.size === 0) return;
    /** Points so far, by bucket. */
    const counts = new Map<string, number>();
    for (let index = 0; index < batch.sources.length; index++) {
      const packed = batch.sources[index];
      const source = this.#catalog.sourceByOrdinal(packed.source);
      const channel = source === undefined ? undefined : this.#channels.get(source.bucketId);
      if (source === undefined || channel === undefined) continue;
      const from = counts.get(source.bucketId) ?? 0;
      counts.set(source.bucketId, from + packed.rowCount);
      const place = { position, from, firstRow: firstRows[index], id: source.id };
      publish(
        channel,
        packed,
        { position, index: from + packed.rowCount - 1 },
        pointEvents(batch, packed, place),
      );
    }
  }
}

/**
 * As far as somebody reads on, or what is kept of it would still be there when it ends.
 * @param last of the points
 */
function publish(
  channel: Channel,
  { source }: PackedSource,
  last: EventId,
  pieces: Generator<PointEvents, void, void>,
): void {
  let bytes = 0;
  while (bytes <= STREAM_KEPT_BYTES_MAX || channel.isWanted(source)) {
    let piece: IteratorResult<PointEvents, void>;
    try {
      piece = pieces.next();
    } catch (error) {
      // The points are stored: whoever sent them has nothing to do with it.
      if (!(error instanceof ApiError)) throw error;
      channel.leaveOut(source, last);
      return;
    }
    if (piece.done) return;
    channel.publish(piece.value);
    bytes += piece.value.bytes.length;
  }
  channel.leaveOut(source, last);
}
