/** `dakkio verify`: reads every byte that a data directory's safety rests on, and changes nothing. */
import { join } from 'node:path';
import { decodeErase, decodeMarkedPoints, decodePoints } from '../engine/head/record.js';
import { verifyEngine } from '../engine/verify.js';
import { type Disk, isNotFound } from '../wal/disk.js';
import { inspectLog, type LogReport } from '../wal/inspect.js';
import { type LogRecord, RecordType } from '../wal/records.js';
import { missingSnapshot } from './catalog/catalog.js';
import { unpackChanges } from './catalog/changes.js';
import { unpackMark } from './idempotency/mark.js';
import { CATALOG_FILE, LEDGER_FILES, type LedgerFile } from './journal/files.js';
import { unpackList } from './journal/ledger.js';
import { readSnapshot, SnapshotCorruptError } from './journal/snapshot.js';

export interface DirectoryVerdict {
  readonly damages: readonly string[];
}

/**
 * `print` is given a line for each file as it has been read. No server may have the directory open.
 * @throws (rejects) what the disk throws, such as ENOENT where there is no such directory.
 */
export async function verifyDirectory(
  disk: Disk,
  directory: string,
  print: (line: string) => void,
): Promise<DirectoryVerdict> {
  const ledgers = new Map<LedgerFile, LedgerVerdict>();
  for (const file of LEDGER_FILES) ledgers.set(file, await verifyLedger(disk, directory, file, print));
  const catalog = ledgers.get(CATALOG_FILE) as LedgerVerdict;
  const engine = await verifyEngine(disk, directory, segment => {
    const { file, rowCount, blockCount, bytes, damages } = segment;
    const verdict = damages.length === 0 ? 'ok' : 'DAMAGED';
    print(`segment   ${verdict}, ${rowCount} rows in ${blockCount} blocks, ${bytes} bytes: ${file}`);
  });
  const sealedThrough = Math.max(
    engine.sealedThrough,
    ...[...ledgers.values()].map(ledger => ledger.sealedThrough),
  );
  const log = await verifyLog(disk, join(directory, 'wal'), sealedThrough, print);
  if (catalog.isMissing && (log.previous ?? sealedThrough) > 0) {
    catalog.damages.push(missingSnapshot(directory).message);
  }
  const ofLedgers = [...ledgers.values()].flatMap(ledger => ledger.damages);
  return { damages: [...ofLedgers, ...engine.damages, ...log.damages] };
}

interface LedgerVerdict {
  readonly sealedThrough: number;
  readonly isMissing: boolean;
  readonly damages: string[];
}

async function verifyLedger(
  disk: Disk,
  directory: string,
  file: LedgerFile,
  print: (line: string) => void,
): Promise<LedgerVerdict> {
  const shown = `${file.name.padEnd(NAME_WIDTH)} `;
  try {
    const snapshot = await readSnapshot(disk, directory, file);
    if (snapshot === undefined) {
      // Those that nobody has used have none, and need none.
      if (file === CATALOG_FILE) print(`${shown}no snapshot`);
      return { sealedThrough: 0, isMissing: true, damages: [] };
    }
    print(`${shown}ok, through record ${snapshot.sequence}`);
    return { sealedThrough: snapshot.sequence, isMissing: false, damages: [] };
  } catch (error) {
    if (!(error instanceof SnapshotCorruptError)) throw error;
    print(`${shown}DAMAGED`);
    return { sealedThrough: 0, isMissing: false, damages: [error.message] };
  }
}

/** Of what a line is about. */
const NAME_WIDTH = 9;

const LOG_VERDICTS = {
  clean: 'ok',
  torn: 'ok (torn tail)',
  'half-made': 'ok (half-made)',
  corrupt: 'DAMAGED',
};

interface LogVerdict {
  /** Record before the first one; undefined where there are no files. */
  readonly previous: number | undefined;
  readonly damages: readonly string[];
}

async function verifyLog(
  disk: Disk,
  directory: string,
  sealedThrough: number,
  print: (line: string) => void,
): Promise<LogVerdict> {
  const damages: string[] = [];
  const log = await inspectRecords(disk, directory, damages);
  if (log === undefined) {
    // The first start makes it last: where nothing is sealed, nothing was ever in it.
    if (sealedThrough > 0) damages.push(`The log is missing: there is no directory ${directory}`);
    return { previous: undefined, damages };
  }
  for (const { name, bytes, records, verdict } of log.files) {
    print(`log       ${LOG_VERDICTS[verdict]}, ${records} records, ${bytes} bytes: ${join(directory, name)}`);
  }
  damages.unshift(...log.damage.map(({ message }) => message));
  const previous = log.files[0]?.previousSequence;
  if (previous !== undefined && previous > sealedThrough) {
    damages.push(
      `The log in ${directory} begins after record ${previous}, but only ${sealedThrough} are sealed`,
    );
  }
  return { previous, damages };
}

/** Undefined where there is no log. */
async function inspectRecords(
  disk: Disk,
  directory: string,
  damages: string[],
): Promise<LogReport | undefined> {
  try {
    return await inspectLog(disk, directory, record => {
      try {
        checkRecord(record);
      } catch (error) {
        damages.push(
          `Record ${record.sequence} of ${directory} cannot be applied: ${(error as Error).message}`,
        );
      }
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** @throws where a record whose checksum holds cannot be meant all the same. */
function checkRecord({ type, payload }: LogRecord): void {
  if (type === RecordType.points) decodePoints(payload);
  else if (type === RecordType.erase) decodeErase(payload);
  else if (type === RecordType.catalog) unpackChanges(payload);
  else if (type === RecordType.markedPoints) checkMarkedPoints(payload);
  else unpackList(payload);
}

function checkMarkedPoints(payload: Uint8Array): void {
  const { mark, record } = decodeMarkedPoints(payload);
  unpackMark(mark);
  decodePoints(record);
}
