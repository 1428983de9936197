/** The log: the only place that may claim a record is safe. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Disk } from './disk.js';
import { type FrameSource, frameBytes, PAYLOAD_BYTES_MAX } from './frame.js';
import { GroupCommit } from './group-commit.js';
import type { LogParticipant, RecordLog, RecordType, Sequence } from './records.js';
import { type LogRecovery, type RecoveredLog, recoverLog } from './recover.js';
import { removeSegment, type SegmentContents } from './segment.js';
import { SegmentWriter } from './segment-writer.js';
import { type SpareFile, setAside } from './spare-file.js';

/** Bytes of a file at which the next one is begun: the piece in which a checkpoint gives space back. */
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024;

/** Offsets within a file are 32 bits, and a single record may make a file longer than it should be. */
const SEGMENT_BYTES_LIMIT = 1024 * 1024 * 1024;

/** Bytes of one write and sync. Bounds how long the first of its records waits, and what a start writes again. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;

/** Fewest zeros that a file has ahead of its records, and least size of a file that is kept to be written over. */
const AHEAD_BYTES_MIN = 64 * 1024;

export interface LogOptions {
  readonly disk: Disk;
  readonly directory: string;
  /** Owners of the record types; each type has one. */
  readonly participants: readonly LogParticipant[];
  readonly segmentBytesMax?: number;
  /** Fewest zeros written ahead of records, and least size of a file kept to be written over; with 0 neither is. */
  readonly aheadBytesMin?: number;
  /** Gives 32 random bits for each new file. */
  readonly randomId?: () => number;
}

/** What the log has done since it was opened. */
export interface LogStatistics {
  /** Groups of records that were made durable, each with one sync. */
  readonly syncs: number;
  readonly records: number;
  /** Of records as they are on the disk. */
  readonly bytes: number;
  /** From handing a group to the disk until it was durable, all groups together. */
  readonly syncSeconds: number;
}

export class Log implements RecordLog {
  /** What opening found. */
  readonly recovery: LogRecovery;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #participants: readonly LogParticipant[];
  readonly #owners: ReadonlyMap<RecordType, LogParticipant>;
  readonly #segmentBytesMax: number;
  readonly #aheadBytesMin: number;
  readonly #randomId: () => number;
  readonly #commit = new GroupCommit(queue => this.#writeGroup(queue));
  readonly #statistics = { syncs: 0, records: 0, bytes: 0, syncSeconds: 0 };
  /** Complete files, oldest first. */
  readonly #segments: SegmentContents[];
  #active: SegmentWriter | undefined;
  #spare: SpareFile | undefined;
  #lastAppended: Sequence;
  #lastWritten: Sequence;
  #checkpoint: Promise<void> | undefined;
  #isClosed = false;

  /**
   * Opens the log in a directory, which is made where it is missing, and replays it to the participants.
   * @throws LogCorruptError (code LOG_CORRUPT) where records that were durable are damaged or missing.
   * @throws LogVersionError (code LOG_VERSION) where a newer version wrote some of it.
   */
  static async open(options: LogOptions): Promise<Log> {
    const owners = ownersOf(options.participants);
    await options.disk.makeDirectory(options.directory);
    return new Log(options, owners, await recoverLog(options.disk, options.directory, owners));
  }

  private constructor(
    options: LogOptions,
    owners: ReadonlyMap<RecordType, LogParticipant>,
    recovered: RecoveredLog,
  ) {
    this.#disk = options.disk;
    this.#directory = options.directory;
    this.#participants = options.participants;
    this.#owners = owners;
    this.#segmentBytesMax = options.segmentBytesMax ?? SEGMENT_BYTES_MAX;
    this.#aheadBytesMin = options.aheadBytesMin ?? AHEAD_BYTES_MIN;
    this.#randomId = options.randomId ?? (() => randomBytes(4).readUInt32LE());
    assert(this.#segmentBytesMax <= SEGMENT_BYTES_LIMIT, 'segmentBytesMax is too big');
    this.recovery = recovered.recovery;
    this.#segments = recovered.segments;
    // A participant may have sealed past the end of the log: through records of others that a crash then took back,
    // or because all its files were dropped. Sequences it has counted as done must not be given out again.
    this.#lastAppended = Math.max(recovered.last ?? 0, recovered.sealed) as Sequence;
    this.#lastWritten = recovered.last ?? this.#lastAppended;
  }

  get lastSequence(): Sequence {
    return this.#lastAppended;
  }

  get failure(): Error | undefined {
    return this.#commit.failure;
  }

  /** What it takes on the disk. */
  get bytes(): number {
    const complete = this.#segments.reduce((total, segment) => total + segment.bytes, 0);
    return complete + (this.#active?.bytes ?? 0) + (this.#spare?.bytes ?? 0);
  }

  get statistics(): LogStatistics {
    return this.#statistics;
  }

  append(
    type: RecordType,
    parts: readonly Uint8Array[],
    onDurable?: (sequence: Sequence) => void,
  ): Promise<Sequence> {
    assert(!this.#isClosed, 'the log is closed');
    assert(this.#owners.has(type), `no participant for records of type ${type}`);
    const payloadBytes = parts.reduce((total, part) => total + part.length, 0);
    assert(payloadBytes <= PAYLOAD_BYTES_MAX, `a record of ${payloadBytes} bytes is too big`);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.#lastAppended = (this.#lastAppended + 1) as Sequence;
    return this.#commit.append({ type, sequence: this.#lastAppended, parts, payloadBytes }, onDurable);
  }

  flushed(): Promise<void> {
    return this.#commit.flushed();
  }

  /** A call during a checkpoint joins it. @throws (rejects) what sealing or the disk throws; the log goes on. */
  checkpoint(): Promise<void> {
    assert(!this.#isClosed, 'the log is closed');
    this.#checkpoint ??= this.#dropSealed().finally(() => {
      this.#checkpoint = undefined;
    });
    return this.#checkpoint;
  }

  /** Makes everything appended durable, where that is still possible, and lets go of the files and of all it keeps. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Whoever appended, or asked for the checkpoint, has been told of its failure.
    await this.#commit.flushed().catch(() => {});
    await this.#checkpoint?.catch(() => {});
    const active = this.#active;
    this.#active = undefined;
    if (this.failure === undefined) await active?.finish();
    else await active?.close().catch(() => {});
    if (this.failure === undefined) await this.#keep(undefined);
  }

  async #writeGroup(queue: readonly FrameSource[]): Promise<number> {
    if (this.#active !== undefined && this.#active.end + sizeOf(queue[0]) > this.#segmentBytesMax) {
      await this.#retireActive();
    }
    this.#active ??= await this.#createSegment(queue[0].sequence);
    const space = Math.min(GROUP_BYTES_MAX, this.#segmentBytesMax - this.#active.end);
    const group = queue.slice(0, countFitting(queue, space));
    const started = performance.now();
    const bytes = await this.#active.append(group);
    const statistics = this.#statistics;
    statistics.syncs++;
    statistics.records += group.length;
    statistics.bytes += bytes;
    statistics.syncSeconds += (performance.now() - started) / 1_000;
    this.#lastWritten = group[group.length - 1].sequence;
    return group.length;
  }

  #createSegment(first: Sequence): Promise<SegmentWriter> {
    const spare = this.#spare;
    this.#spare = undefined;
    const id = this.#randomId();
    return SegmentWriter.create(this.#disk, {
      directory: this.#directory,
      // Two seeds never give the same bytes the same checksum: with another one, no old frame can pass for a new one.
      id: id === spare?.id ? (id + 1) >>> 0 : id,
      first,
      previous: this.#lastWritten,
      bytesMax: this.#segmentBytesMax,
      aheadBytesMin: this.#aheadBytesMin,
      spare,
    });
  }

  async #dropSealed(): Promise<void> {
    for (const participant of this.#participants) await participant.seal?.();
    if (this.failure !== undefined) throw this.failure;
    // A record on its way to the active file is not sealed, so nobody is writing to one that is.
    if (this.#active !== undefined && this.#isSealed(this.#active)) await this.#retireActive();
    // Oldest first, and each for good before the next: a power cut that brings one back must bring back all that
    // follow it, or the log would have a hole.
    while (this.#segments.length > 0 && this.#isSealed(this.#segments[0])) {
      const spare = await this.#drop(this.#segments[0]);
      await this.#disk.syncDirectory(this.#directory);
      this.#segments.shift();
      if (spare !== undefined) await this.#keep(spare);
    }
  }

  /** One file is kept, the biggest: while one is written, one is sealed. */
  async #drop({ name, spareId, bytes }: SegmentContents): Promise<SpareFile | undefined> {
    const leastBytes = Math.max(this.#aheadBytesMin, (this.#spare?.bytes ?? 0) + 1);
    if (this.#aheadBytesMin > 0 && spareId !== undefined && bytes >= leastBytes) {
      return setAside(this.#disk, this.#directory, name, { id: spareId, bytes });
    }
    await removeSegment(this.#disk, this.#directory, name);
    return undefined;
  }

  async #keep(spare: SpareFile | undefined): Promise<void> {
    const superfluous = this.#spare;
    this.#spare = spare;
    if (superfluous !== undefined) await this.#disk.unlink(superfluous.path);
  }

  async #retireActive(): Promise<void> {
    const active = this.#active!;
    this.#active = undefined;
    this.#segments.push(active);
    await active.finish();
  }

  #isSealed(segment: SegmentContents): boolean {
    for (const [type, last] of segment.lastOfType) {
      if (last > this.#owners.get(type)!.sealedThrough) return false;
    }
    return true;
  }
}

function ownersOf(participants: readonly LogParticipant[]): Map<RecordType, LogParticipant> {
  const owners = new Map<RecordType, LogParticipant>();
  for (const participant of participants) {
    for (const type of participant.types) {
      assert(!owners.has(type), `two participants for records of type ${type}`);
      owners.set(type, participant);
    }
  }
  return owners;
}

function sizeOf(record: FrameSource): number {
  return frameBytes(record.payloadBytes);
}

/** How many records from the start of the queue fit into `space` bytes; one always goes, however big. */
function countFitting(queue: readonly FrameSource[], space: number): number {
  let count = 1;
  let bytes = sizeOf(queue[0]);
  while (count < queue.length && bytes + sizeOf(queue[count]) <= space) bytes += sizeOf(queue[count++]);
  return count;
}
