/** Reads every byte of a log and changes nothing. Recovery starts from the same walk. */
import { join } from 'node:path';
import type { Disk, ReadableFile } from './disk.js';
import { LogCorruptError, type LogPlace, LogVersionError } from './errors.js';
import { readSegment, type SegmentScan } from './reader.js';
import { type LogRecord, RecordType, type Sequence } from './records.js';
import {
  decodeHeader,
  HEADER_BYTES,
  isSegmentName,
  SEGMENT_VERSION,
  type SegmentHeader,
  segmentName,
} from './segment.js';
import { isZero } from './zeros.js';

export interface LogReport {
  readonly files: readonly LogFileReport[];
  /** What is wrong, in the order of the log; a torn tail is not. Empty: a start would succeed. */
  readonly damage: readonly LogDamage[];
}

export interface LogFileReport {
  readonly name: string;
  readonly bytes: number;
  /** Good records, up to the first bad one. */
  readonly records: number;
  /** Sequences of the first and the last of them; undefined where there are none. */
  readonly firstSequence: Sequence | undefined;
  readonly lastSequence: Sequence | undefined;
  /** Last sequence before the file; undefined where its header is broken. */
  readonly previousSequence: Sequence | undefined;
  /** half-made: a crash came between making the file and its first record. torn: the next start cuts the tail. */
  readonly verdict: 'clean' | 'torn' | 'half-made' | 'corrupt';
}

export interface LogDamage extends LogPlace {
  readonly code: string;
  readonly message: string;
}

/**
 * Judges the log in a directory. Not to be used on a log that is being written: a record on its way looks torn.
 * @param onRecord is given each good record of a known type, in order; the payload is valid only during the call.
 */
export async function inspectLog(
  disk: Disk,
  directory: string,
  onRecord: (record: LogRecord) => void = () => {},
): Promise<LogReport> {
  const damage: LogDamage[] = [];
  const files = await walkLog(disk, directory, {
    record: onRecord,
    problem: ({ file, offset, code, message }) => damage.push({ file, offset, code, message }),
  });
  return {
    files: files.map(({ name, bytes, scan, header, verdict }) => ({
      name,
      bytes,
      records: scan?.records ?? 0,
      firstSequence: scan !== undefined && scan.records > 0 ? header?.first : undefined,
      lastSequence: scan !== undefined && scan.records > 0 ? scan.last : undefined,
      previousSequence: header?.previous,
      verdict,
    })),
    damage,
  };
}

export interface RecordPlace extends LogPlace {
  /** Name of the file. */
  readonly name: string;
  /** Paths of the file and all later ones. */
  readonly files: readonly string[];
}

export interface LogVisitor {
  record(record: LogRecord, place: RecordPlace): void;
  /** Told of whatever keeps the log from being used. The walk goes on unless it throws. */
  problem(error: LogCorruptError | LogVersionError): void;
}

export interface WalkedFile {
  readonly name: string;
  readonly bytes: number;
  readonly header: SegmentHeader | undefined;
  /** Undefined where the header does not allow reading on. */
  readonly scan: SegmentScan | undefined;
  readonly verdict: LogFileReport['verdict'];
}

/** Visits every record of a log in order, and judges every file. */
export async function walkLog(disk: Disk, directory: string, visitor: LogVisitor): Promise<WalkedFile[]> {
  const names = (await disk.list(directory)).filter(isSegmentName);
  const isHalfMade = names.map(name => reading(disk, join(directory, name), hasNoContent));
  // Files are begun one after another, each complete before the next: only the last may end in a torn record.
  const lastIndex = isHalfMade.lastIndexOf(false);
  const walked: WalkedFile[] = [];
  for (const [index, name] of names.entries()) {
    const path = join(directory, name);
    const files = names.slice(index).map(later => join(directory, later));
    walked.push(
      reading(disk, path, file => {
        if (index > lastIndex) {
          return { name, bytes: file.size, header: undefined, scan: undefined, verdict: 'half-made' };
        }
        return walkFile(file, name, { isLast: index === lastIndex, before: walked.at(-1), files, visitor });
      }),
    );
  }
  return walked;
}

interface Surroundings {
  readonly isLast: boolean;
  readonly before: WalkedFile | undefined;
  readonly files: readonly string[];
  readonly visitor: LogVisitor;
}

function walkFile(file: ReadableFile, name: string, around: Surroundings): WalkedFile {
  const { visitor, files } = around;
  const corrupt = (offset: number, reason: string) =>
    visitor.problem(new LogCorruptError({ file: file.path, offset }, reason, files));
  const header = readHeader(file);
  const found = { name, bytes: file.size, header, scan: undefined, verdict: 'corrupt' } as const;
  if (header === undefined) {
    corrupt(0, 'its header is broken');
    return found;
  }
  if (header.version !== SEGMENT_VERSION) {
    visitor.problem(new LogVersionError({ file: file.path, offset: 0 }, `format ${header.version}`));
    return found;
  }
  const misplaced = reasonMisplaced(header, name, around.before);
  if (misplaced !== undefined) corrupt(0, misplaced);
  const scan = readSegment(file, header, ({ type, sequence, payload }, offset) => {
    const place = { file: file.path, offset, name, files };
    if (isKnown(type)) visitor.record({ type, sequence, payload }, place);
    else visitor.problem(new LogVersionError(place, `a record of unknown type ${type}`));
  });
  if (scan.verdict === 'corrupt')
    corrupt(scan.end, 'a record is broken, though what follows was written after it');
  const isCutShort = scan.verdict === 'torn' && !around.isLast;
  if (isCutShort) corrupt(scan.end, 'a record is broken, though a later file was begun after it');
  const verdict = misplaced !== undefined || isCutShort ? 'corrupt' : scan.verdict;
  return { ...found, scan, verdict };
}

function reasonMisplaced(
  header: SegmentHeader,
  name: string,
  before: WalkedFile | undefined,
): string | undefined {
  if (name !== segmentName(header.first)) return `it begins with sequence ${header.first}, unlike its name`;
  // What a broken file would have ended with is unknown, and it has been told of already.
  if (before?.scan === undefined || before.verdict === 'corrupt') return undefined;
  if (before.scan.last === header.previous) return undefined;
  return `it follows sequence ${header.previous}, but the file before ends with ${before.scan.last}`;
}

const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(RecordType));

function isKnown(type: number): type is RecordType {
  return KNOWN_TYPES.has(type);
}

/** True for what a crash may leave of a file that was being made: nothing, zeros, or part of a header. */
function hasNoContent(file: ReadableFile): boolean {
  if (readHeader(file) !== undefined) return false;
  const piece = new Uint8Array(64 * 1024);
  for (let offset = HEADER_BYTES; offset < file.size; offset += piece.length) {
    const count = file.read(piece, offset);
    if (!isZero(piece.subarray(0, count))) return false;
  }
  return true;
}

function readHeader(file: ReadableFile): SegmentHeader | undefined {
  const bytes = new Uint8Array(HEADER_BYTES);
  return decodeHeader(bytes.subarray(0, file.read(bytes, 0)));
}

function reading<T>(disk: Disk, path: string, use: (file: ReadableFile) => T): T {
  const file = disk.openForRead(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}
