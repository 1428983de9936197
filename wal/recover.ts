/** Brings the participants back to what the log says, and the log to a state that can be gone on from. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Disk, ReadableFile, WritableFile } from './disk.js';
import { LogCorruptError } from './errors.js';
import { type WalkedFile, walkLog } from './inspect.js';
import type { LogParticipant, RecordType, Sequence } from './records.js';
import { isTemporaryName, removeSegment, type SegmentContents } from './segment.js';

const COPY_BYTES = 1024 * 1024;

/** What a start found. */
export interface LogRecovery {
  /** Good records in the log, and how many of them were not sealed elsewhere and so were replayed. */
  readonly records: number;
  readonly replayed: number;
  /** Files that hold records. */
  readonly files: number;
  /** Bytes of unacknowledged records at the end of the log, which a crash had left and which were cut. */
  readonly tornTail?: { readonly file: string; readonly offset: number; readonly bytes: number };
}

export interface RecoveredLog {
  readonly recovery: LogRecovery;
  readonly segments: SegmentContents[];
  /** Sequence of the last record in the log; undefined where it holds none. */
  readonly last: Sequence | undefined;
  /** The last sequence that any participant has sealed. */
  readonly sealed: Sequence;
}

/**
 * Replays the records that are not sealed, then cuts the torn tail and removes files without records.
 * Nothing is changed on the disk before all of the log has been read and found good.
 * @throws LogCorruptError, LogVersionError; what the disk throws.
 */
export async function recoverLog(
  disk: Disk,
  directory: string,
  participants: ReadonlyMap<RecordType, LogParticipant>,
): Promise<RecoveredLog> {
  let replayed = 0;
  const lastOfTypes = new Map<string, Map<RecordType, Sequence>>();
  const walked = await walkLog(disk, directory, {
    record(record, place) {
      const { name, files } = place;
      lastOfTypes.set(name, (lastOfTypes.get(name) ?? new Map()).set(record.type, record.sequence));
      const participant = participants.get(record.type);
      assert(participant !== undefined, `no participant for records of type ${record.type}`);
      if (record.sequence <= participant.sealedThrough) return;
      try {
        participant.replay(record);
      } catch (cause) {
        const reason = `record ${record.sequence} cannot be applied (${cause})`;
        throw new LogCorruptError(place, reason, files, { cause });
      }
      replayed++;
    },
    problem(error) {
      throw error;
    },
  });
  const sealed = Math.max(
    0,
    ...[...participants.values()].map(({ sealedThrough }) => sealedThrough),
  ) as Sequence;
  checkBeginning(directory, walked, sealed);
  const kept = walked.filter(file => file.scan !== undefined && file.scan.records > 0);
  const last = kept.at(-1);
  if (last !== undefined) await settleTail(disk, directory, last);
  await removeLeftovers(disk, directory, walked);
  return {
    recovery: {
      records: kept.reduce((total, file) => total + file.scan!.records, 0),
      replayed,
      files: kept.length,
      tornTail: tornTailOf(
        directory,
        walked.findLast(file => file.scan !== undefined),
      ),
    },
    segments: kept.map(file => ({
      name: file.name,
      bytes: file === last ? file.scan!.end : file.bytes,
      lastOfType: lastOfTypes.get(file.name)!,
    })),
    last: last?.scan?.last,
    sealed,
  };
}

/** A file is dropped once the last of its records is sealed: before the first file there can be none that is not. */
function checkBeginning(directory: string, walked: readonly WalkedFile[], sealed: Sequence): void {
  const first = walked[0];
  if (first?.header === undefined || first.header.previous <= sealed) return;
  const files = walked.map(({ name }) => join(directory, name));
  const reason = `it follows sequence ${first.header.previous}, which is neither in the log nor sealed elsewhere`;
  throw new LogCorruptError({ file: files[0], offset: 0 }, reason, files);
}

function tornTailOf(directory: string, file: WalkedFile | undefined): LogRecovery['tornTail'] {
  if (file?.scan?.verdict !== 'torn') return undefined;
  return { file: join(directory, file.name), offset: file.scan.end, bytes: file.bytes - file.scan.end };
}

/**
 * Cuts the torn tail and makes the records before it durable. They read well, but after a kill, or a sync that
 * failed, that may be the memory of the system speaking: it takes pages whose write failed for clean, and would
 * sync nothing. So the last group is written again where it stands; everything before it was synced before it.
 * Without this the next file could outlive records that come before its own.
 */
async function settleTail(disk: Disk, directory: string, { name, scan }: WalkedFile): Promise<void> {
  const path = join(directory, name);
  const { end, synced } = scan!;
  const writer = await disk.openForWrite(path);
  try {
    // Also where nothing seems to follow: the tail may have been cut before, by a start whose sync failed.
    await writer.truncate(end);
    await rewrite(disk.openForRead(path), writer, synced, end);
    await writer.datasync();
  } finally {
    await writer.close();
  }
}

async function rewrite(
  reader: ReadableFile,
  writer: WritableFile,
  start: number,
  end: number,
): Promise<void> {
  try {
    for (let offset = start; offset < end; offset += COPY_BYTES) {
      const piece = new Uint8Array(Math.min(COPY_BYTES, end - offset));
      assert.equal(
        reader.read(piece, offset),
        piece.length,
        'a log file has become shorter while it was read',
      );
      await writer.write([piece], offset);
    }
  } finally {
    reader.close();
  }
}

/**
 * Removes files in which no record ever was, the latest first. The sync is for what the last process did, too: a
 * file it dropped must not come back beside those that will be made now.
 */
async function removeLeftovers(disk: Disk, directory: string, walked: readonly WalkedFile[]): Promise<void> {
  const empty = walked
    .filter(file => file.scan === undefined || file.scan.records === 0)
    .map(file => file.name);
  const temporary = (await disk.list(directory)).filter(isTemporaryName);
  for (const name of [...temporary, ...empty.reverse()]) await removeSegment(disk, directory, name);
  await disk.syncDirectory(directory);
}
