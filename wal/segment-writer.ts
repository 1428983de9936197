/** The file that records go to, which stands on the disk ahead of them. */
import { join } from 'node:path';
import type { Disk, WritableFile } from './disk.js';
import { encodeFrames, type FrameSource } from './frame.js';
import type { RecordType, Sequence } from './records.js';
import {
  encodeHeader,
  HEADER_BYTES,
  SEGMENT_VERSION,
  type SegmentContents,
  segmentName,
  temporaryName,
} from './segment.js';
import type { SpareFile } from './spare-file.js';
import { ZEROS } from './zeros.js';

/** Most zeros written ahead at a time: a sync that takes them along lasts about a millisecond longer. */
const AHEAD_BYTES_MAX = ZEROS.length;

/** A group of more than this part of the zeros that would go with it is written without: they would cost too much. */
const GROUPS_AHEAD_MIN = 4;

/** The unit in which file systems hand out space. */
const BLOCK_BYTES = 4096;

export interface NewSegment {
  readonly directory: string;
  /** Random, and not that of the spare file. */
  readonly id: number;
  readonly first: Sequence;
  readonly previous: Sequence;
  /** Where the file is to end. A single record that is longer makes it longer. */
  readonly bytesMax: number;
  /** Fewest zeros that are written ahead of records. */
  readonly aheadBytesMin: number;
  /** To be used up for it. */
  readonly spare: SpareFile | undefined;
}

/**
 * A sync that has to make a new size durable as well costs twice as much as one of bytes in their place: the file
 * system writes to its journal. So a file has its size before it has its records. One that takes the place of a file
 * that was dropped has all of it; a new one grows by zeros that small groups take along now and then.
 */
export class SegmentWriter implements SegmentContents {
  readonly name: string;
  readonly lastOfType = new Map<RecordType, Sequence>();
  readonly #file: WritableFile;
  readonly #id: number;
  readonly #bytesMax: number;
  readonly #aheadBytesMin: number;
  #end = HEADER_BYTES;
  #bytes: number;

  private constructor(file: WritableFile, bytes: number, segment: NewSegment) {
    this.name = segmentName(segment.first);
    this.#id = segment.id;
    this.#file = file;
    this.#bytesMax = segment.bytesMax;
    this.#aheadBytesMin = segment.aheadBytesMin;
    this.#bytes = bytes;
  }

  /**
   * Makes the file under a temporary name first, and gives it its own once the header is durable: a file under its
   * own name with a broken header is damage, not a crash. The name is durable before any record is in the file, else
   * a power cut could forget the file with records that were acknowledged.
   */
  static async create(disk: Disk, segment: NewSegment): Promise<SegmentWriter> {
    const { directory, id, first, previous, spare } = segment;
    const path = join(directory, segmentName(first));
    const temporaryPath = spare?.path ?? join(directory, temporaryName(first));
    const reused = spare?.bytes ?? 0;
    const ahead = spare === undefined ? aheadOf(HEADER_BYTES, segment) : 0;
    const header = encodeHeader({ version: SEGMENT_VERSION, id, first, previous, reused });
    const file = await (spare === undefined ? disk.create(temporaryPath) : disk.openForWrite(temporaryPath));
    try {
      await file.write([header, ZEROS.subarray(0, ahead)], 0);
      await file.datasync();
      await disk.rename(temporaryPath, path);
      await disk.syncDirectory(directory);
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
    return new SegmentWriter(file, Math.max(reused, HEADER_BYTES + ahead), segment);
  }

  /** Where the next record goes. */
  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get spareId(): number | undefined {
    return this.#bytes === this.#end ? this.#id : undefined;
  }

  /** Writes one group and makes it durable; tells its bytes. After a rejection only `close` may follow. */
  async append(records: readonly FrameSource[]): Promise<number> {
    const parts = encodeFrames(records, this.#id, this.#end);
    for (const record of records) this.lastOfType.set(record.type, record.sequence);
    let groupBytes = 0;
    for (const part of parts) groupBytes += part.length;
    const end = this.#end + groupBytes;
    if (end > this.#bytes) {
      const ahead = this.#aheadOf(end, groupBytes);
      parts.push(ZEROS.subarray(0, ahead));
      this.#bytes = end + ahead;
    }
    await this.#file.write(parts, this.#end);
    await this.#file.datasync();
    this.#end = end;
    return groupBytes;
  }

  /**
   * Cuts what is ahead of the records, and closes. Nothing depends on the cut: until it is durable, and for ever where
   * it fails, what follows the records is known not to be one.
   */
  async finish(): Promise<void> {
    try {
      if (this.#bytes > this.#end) await this.#file.truncate(this.#end);
      this.#bytes = this.#end;
    } finally {
      await this.#file.close();
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  #aheadOf(end: number, groupBytes: number): number {
    const ahead = aheadOf(end, { bytesMax: this.#bytesMax, aheadBytesMin: this.#aheadBytesMin });
    return groupBytes * GROUPS_AHEAD_MIN > ahead ? 0 : ahead;
  }
}

/** Zeros to follow `end`: as many bytes as there are already, so that a small log stays small. */
function aheadOf(
  end: number,
  { bytesMax, aheadBytesMin }: Pick<NewSegment, 'bytesMax' | 'aheadBytesMin'>,
): number {
  if (aheadBytesMin === 0) return 0;
  const wanted = end + Math.min(Math.max(end, aheadBytesMin), AHEAD_BYTES_MAX);
  return Math.max(0, Math.min(Math.floor(wanted / BLOCK_BYTES) * BLOCK_BYTES, bytesMax) - end);
}
