/** One workload, ended at each of its calls to the disk in turn: by a failure of the call, or by the power going. */
import t, { type Test } from 'tap';
import type { Disk, WritableFile } from '../../wal/disk.js';
import { Log } from '../../wal/log.js';
import { RecordType, type Sequence } from '../../wal/records.js';
import { decodeHeader } from '../../wal/segment.js';
import { FakeDisk } from '../support/fake-disk.js';
import { bytesOf, Recorder } from './recorder.js';

const payloadOf = (index: number) => `${index} `.repeat(1 + ((index * 37) % 60));

interface Outcome {
  /** Sequences acknowledged, in order. */
  readonly acknowledged: number[];
  readonly recorder: Recorder;
  /** What ended it: undefined where nothing was in the way. */
  error?: NodeJS.ErrnoException;
  /** Whether the log said of itself that it can no longer be written. */
  isUnavailable: boolean;
  checkpointError?: NodeJS.ErrnoException;
  /** Of the last close. */
  closeError?: NodeJS.ErrnoException;
}

/** Of the disk ahead of records: zeros only, as files of this size have by default; or files used again as well. */
const LAYOUTS = [
  { segmentBytesMax: 400, aheadBytesMin: 64 * 1024 },
  { segmentBytesMax: 5_000, aheadBytesMin: 4096 },
  { segmentBytesMax: 400, aheadBytesMin: 64 },
] as const;

type Layout = (typeof LAYOUTS)[number];

/** Appends alone and in groups over several files, with a checkpoint and a close in between. */
async function work(disk: Disk, layout: Layout): Promise<Outcome> {
  const outcome: Outcome = { acknowledged: [], recorder: new Recorder(), isUnavailable: false };
  const { acknowledged, recorder } = outcome;
  let log: Log | undefined;
  const open = () => Log.open({ disk, directory: 'log', participants: [recorder], ...layout });
  const append = (log: Log) => {
    const payload = bytesOf(payloadOf(log.lastSequence + 1));
    return log.append(RecordType.points, [payload], sequence => acknowledged.push(sequence));
  };
  try {
    log = await open();
    await append(log);
    await Promise.all([append(log), append(log), append(log)]);
    await Promise.all([append(log), append(log)]);
    recorder.sealedThrough = 4 as Sequence;
    try {
      await log.checkpoint();
    } catch (error) {
      outcome.checkpointError = error as NodeJS.ErrnoException;
      if (log.failure !== undefined) throw error;
    }
    for (let count = 0; count < 3; count++) await append(log);
    await log.close();
    log = await open();
    await Promise.all([append(log), append(log)]);
    await log.flushed();
  } catch (error) {
    outcome.error = error as NodeJS.ErrnoException;
    outcome.isUnavailable = log?.failure !== undefined;
  }
  if (log?.failure !== undefined) {
    for (const call of [append(log), log.flushed(), log.checkpoint()]) {
      const refusal = await call.then(
        () => undefined,
        refused => refused,
      );
      if (refusal !== log.failure)
        throw new Error('a log that failed must refuse everything with its failure');
    }
  }
  recorder.records.length = 0;
  await log?.close().catch(error => {
    outcome.closeError = error;
  });
  return outcome;
}

/** All that was acknowledged and not sealed is there, in order; what follows it is what was appended, in order. */
async function check(t: Test, disk: FakeDisk, outcome: Outcome, what: string): Promise<void> {
  const recorder = new Recorder(undefined, outcome.recorder.sealedThrough);
  const log = await Log.open({ disk, directory: 'log', participants: [recorder] });
  const next = recorder.sealedThrough + 1;
  const isTrue = recorder.records.every(
    ({ sequence, payload }, index) => sequence === next + index && payload === payloadOf(sequence),
  );
  const last = outcome.acknowledged.at(-1) ?? 0;
  if (!isTrue || log.lastSequence < last) t.fail(what, { found: recorder.sequences, ...outcome });
  const appended = await log.append(RecordType.points, [bytesOf('on')]);
  if (appended <= last) t.fail(`${what}: a sequence is used twice`);
  await log.close();
}

/** A disk that notes a descriptor being written or synced after a sync of it failed. */
function watching(disk: Disk): Disk & { readonly misuses: string[] } {
  const misuses: string[] = [];
  const watch = (file: WritableFile): WritableFile => {
    let hasFailed = false;
    const note = <T>(name: string, call: Promise<T>) => {
      if (hasFailed) misuses.push(`${name} of ${file.path}`);
      return call.catch(error => {
        hasFailed = true;
        throw error;
      });
    };
    return {
      path: file.path,
      write: (parts, position) => note('write', file.write(parts, position)),
      datasync: () => note('datasync', file.datasync()),
      truncate: size => note('truncate', file.truncate(size)),
      close: () => file.close(),
    };
  };
  return {
    misuses,
    create: async path => watch(await disk.create(path)),
    openForWrite: async path => watch(await disk.openForWrite(path)),
    openForRead: path => disk.openForRead(path),
    readFile: path => disk.readFile(path),
    rename: (from, to) => disk.rename(from, to),
    unlink: path => disk.unlink(path),
    list: directory => disk.list(directory),
    size: path => disk.size(path),
    makeDirectory: path => disk.makeDirectory(path),
    syncDirectory: path => disk.syncDirectory(path),
  };
}

async function callsOfWork(t: Test, layout: Layout): Promise<number> {
  const disk = new FakeDisk();
  const { error, acknowledged, checkpointError, closeError } = await work(disk, layout);
  t.strictSame([error, checkpointError, closeError], [undefined, undefined, undefined]);
  t.equal(acknowledged.length, 11);
  const headers = [...disk.files().values()].map(decodeHeader);
  t.ok(headers.length >= 2, 'it goes over several files');
  const isReused = headers.some(header => header!.reused > 0);
  t.equal(isReused, layout.aheadBytesMin === 64, 'and over one again');
  return disk.calls;
}

for (const layout of LAYOUTS) {
  t.test(`any call may fail: ${JSON.stringify(layout)}`, t => failAnywhere(t, layout));
  t.test(`the power may go at any call: ${JSON.stringify(layout)}`, t => crashAnywhere(t, layout));
}

async function failAnywhere(t: Test, layout: Layout): Promise<void> {
  const calls = await callsOfWork(t, layout);
  let unavailable = 0;
  for (const kind of ['EIO', 'ENOSPC', 'short'] as const) {
    for (let call = 1; call <= calls; call++) {
      const what = `${kind} at call ${call}`;
      for (const end of ['kill', 'crash'] as const) {
        const disk = new FakeDisk(call);
        disk.failAt(call, kind);
        const watched = watching(disk);
        const outcome = await work(watched, layout);
        const { error, checkpointError, closeError } = outcome;
        const code = kind === 'short' ? 'ENOSPC' : kind;
        if (outcome.isUnavailable) {
          unavailable++;
          if (error?.code !== 'LOG_UNAVAILABLE') t.fail(`${what}: gave ${error}`);
          if ((error?.cause as NodeJS.ErrnoException)?.code !== code)
            t.fail(`${what}: caused by ${error?.cause}`);
        } else if ((error ?? checkpointError ?? closeError)?.code !== code) {
          t.fail(`${what}: gave ${error ?? checkpointError ?? closeError}`);
        }
        if (watched.misuses.length > 0) t.fail(`${what}: ${watched.misuses}`);
        await check(t, disk[end](), outcome, `${what}, then ${end}`);
      }
    }
  }
  t.ok(unavailable > 60, `${calls} calls, ${unavailable} times unavailable`);
}

async function crashAnywhere(t: Test, layout: Layout): Promise<void> {
  const calls = await callsOfWork(t, layout);
  for (let call = 1; call <= calls; call++) {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new FakeDisk(call * 1_000 + seed);
      disk.crashAt(call);
      const outcome = await work(disk, layout);
      await check(t, disk.crash(), outcome, `power gone at call ${call}, seed ${seed}`);
    }
  }
  t.pass(`${calls} calls`);
}
