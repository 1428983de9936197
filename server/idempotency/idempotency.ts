/**
 * Requests with an idempotency key: a repeat within a day is answered as the first was, and stores nothing. The first
 * one's answer stands in the log in the same record as its points, so that no crash can part them. Requests that were
 * refused have stored nothing: they are not remembered.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../engine/base/time.js';
import type { PackedBatch } from '../../engine/batch.js';
import type { MarkKeeper } from '../../engine/marks.js';
import type { Storage } from '../../engine/storage.js';
import type { Disk } from '../../wal/disk.js';
import type { ApiKey } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import type { Reply, RequestHead } from '../http/application.js';
import { jsonReply } from '../http/json.js';
import { IDEMPOTENCY_FILE } from '../journal/files.js';
import { Ledger } from '../journal/ledger.js';
import { type Mark, packMark, unpackMark } from './mark.js';
import { Marks } from './marks.js';

const HEADER = 'idempotency-key';
const KEY = /^[!-~]{1,128}$/;

/** Says that an answer is that of an earlier request. */
const REPLAYED_HEADERS = { 'Idempotent-Replayed': 'true' };

/** Bytes of hashes that are kept: as many as no two requests by chance have in common. */
const HASH_BYTES = 16;

/**
 * Bytes of a snapshot that one checkpoint of the log is worth, which lets go of twice as many: a bigger snapshot waits
 * for more of them, and so do the files of the log that it would replace.
 */
const SNAPSHOT_BYTES_PER_CHECKPOINT = 16 * 1024 * 1024;

/** Stores a batch and gives the answer that says so. @throws (rejects) as Storage.append does */
export type Store = (batch: PackedBatch, replyOf: (firstRows: readonly number[]) => Reply) => Promise<Reply>;

export function storeIn(storage: Storage): Store {
  return async (batch, replyOf) => {
    const { firstRows } = await storage.append(batch);
    return replyOf(firstRows);
  };
}

/** The idempotency key of a request; undefined where it has none. @throws ApiError */
export function idempotencyKeyOf(head: RequestHead): string | undefined {
  const key = head.header(HEADER);
  if (key === '') return undefined;
  if (!KEY.test(key)) throw new ApiError('INVALID_IDEMPOTENCY_KEY');
  return key;
}

export interface IdempotencyOptions {
  readonly disk: Disk;
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
}

/** A request that may come again. */
interface Attempt {
  readonly key: string;
  readonly request: string;
}

export class Idempotency {
  /** Give it to the storage. */
  readonly keeper: MarkKeeper;
  readonly #clock: Clock;
  readonly #ledger: Ledger<Mark, Marks>;
  /** Requests under way, by the hash of their key. */
  readonly #running = new Map<string, { readonly request: string; readonly ended: Promise<void> }>();
  #checkpoints = 0;

  /** @throws SnapshotCorruptError, SnapshotVersionError */
  static async open({ disk, directory, clock }: IdempotencyOptions): Promise<Idempotency> {
    const stateOf = (image: unknown) => (image === undefined ? new Marks() : Marks.fromImage(image));
    const file = IDEMPOTENCY_FILE;
    return new Idempotency(clock, await Ledger.open<Mark, Marks>({ disk, directory, clock, file, stateOf }));
  }

  private constructor(clock: Clock, ledger: Ledger<Mark, Marks>) {
    this.#clock = clock;
    this.#ledger = ledger;
    this.keeper = {
      get sealedThrough() {
        return ledger.participant.sealedThrough;
      },
      apply: (mark, sequence) => ledger.take(unpackMark(mark), sequence),
      seal: () => this.#seal(),
    };
  }

  /** Requests that are known again. */
  get count(): number {
    return this.#ledger.state.count;
  }

  /** Writes a snapshot where it would differ from the last. */
  save(): Promise<void> {
    return this.#ledger.save();
  }

  /**
   * Answers a request: as an earlier one with the same key was answered, or by `answer`, which is to store points with
   * the function that it is given. One that comes while another with its key is under way waits for it.
   * @throws (rejects) ApiError where the key was used for another request; what `answer` throws.
   */
  async once(
    apiKey: ApiKey,
    idempotencyKey: string,
    request: string,
    storage: Storage,
    answer: (store: Store) => Promise<Reply>,
  ): Promise<Reply> {
    const key = hashOf(apiKey.id, idempotencyKey);
    for (;;) {
      const mark = this.#ledger.state.find(key, this.#clock.now());
      const known = mark ?? this.#running.get(key);
      if (known !== undefined && known.request !== request) throw new ApiError('IDEMPOTENCY_KEY_REUSED');
      if (mark !== undefined) return replayed(mark);
      const running = this.#running.get(key);
      if (running === undefined) return this.#first({ key, request }, storage, answer);
      await running.ended;
    }
  }

  async #first(attempt: Attempt, storage: Storage, answer: (store: Store) => Promise<Reply>): Promise<Reply> {
    const answered = answer((batch, replyOf) => this.#store(attempt, storage, batch, replyOf));
    const ended = answered.then(
      () => {},
      () => {},
    );
    this.#running.set(attempt.key, { request: attempt.request, ended });
    try {
      return await answered;
    } finally {
      this.#running.delete(attempt.key);
    }
  }

  async #store(
    { key, request }: Attempt,
    storage: Storage,
    batch: PackedBatch,
    replyOf: (firstRows: readonly number[]) => Reply,
  ): Promise<Reply> {
    let reply: Reply | undefined;
    await storage.append(batch, firstRows => {
      reply = replyOf(firstRows);
      const body = textOf(reply);
      return packMark({ key, request, at: this.#clock.now(), status: reply.status, body });
    });
    // The storage has asked for the mark, or it would have thrown.
    return reply as Reply;
  }

  async #seal(): Promise<void> {
    this.#checkpoints++;
    if (this.#checkpoints * SNAPSHOT_BYTES_PER_CHECKPOINT < this.#ledger.state.bytes) return;
    this.#checkpoints = 0;
    await this.#ledger.save();
  }
}

/** What makes two requests the same. */
export function requestHash({ method, path }: RequestHead, body: Uint8Array): string {
  return hashOf(`${method} ${path}`, body);
}

/** @param head has no line feed */
function hashOf(head: string, rest: string | Uint8Array): string {
  const hash = createHash('sha256').update(`${head}\n`).update(rest).digest();
  return hash.toString('base64url', 0, HASH_BYTES);
}

function textOf({ body = '' }: Reply): string {
  return typeof body === 'string' ? body : Buffer.from(body).toString();
}

function replayed({ status, body }: Mark): Reply {
  const reply = jsonReply(status, body);
  return { ...reply, headers: { ...reply.headers, ...REPLAYED_HEADERS } };
}
