/** Sends the rows of a CSV file, in bounded memory, and accounts for each of them. */
import { ApiFailure } from '../../base/api.js';
import { readRecords } from './file.js';
import { type Mapping, type RefusedLine, type Row, readRow } from './mapping.js';

/** What a server with default settings takes in one batch. */
const BATCH_ROWS_MAX = 1_000;

/** A batch of wide rows ends here, far below the limit of a body. */
const BATCH_CHARACTERS_MAX = 4 * 1024 * 1024;

/** A file of another shape than meant is refused line by line: after so many everybody has got the point. */
export const REFUSALS_KEPT_MAX = 1_000;

const ATTEMPTS_MAX = 8;
const BACKOFF_MS_MIN = 250;
const BACKOFF_MS_MAX = 10_000;

export interface UploadState {
  readonly storedCount: number;
  readonly refusedCount: number;
  /** The first of them. */
  readonly refused: readonly RefusedLine[];
  /** Of the file, as far as its rows are stored or refused. */
  readonly bytesDone: number;
}

export interface UploadOptions {
  readonly file: Blob;
  readonly separator: string;
  readonly mapping: Mapping;
  /** Stores rows, all or none, however often it is called with one key. @throws (rejects) ApiFailure */
  store(rows: readonly Row[], idempotencyKey: string): Promise<void>;
  onState(state: UploadState): void;
  /** No further batch is sent; the one on its way is waited for. */
  readonly signal: AbortSignal;
}

/** @throws (rejects) ApiFailure or Error where it cannot go on; the last state counts what was done until then */
export async function uploadCsv(options: UploadOptions): Promise<void> {
  const upload = new Upload(options);
  let isHeader = true;
  for await (const { records, bytesRead } of readRecords(options.file, options.separator)) {
    for (const record of records) {
      if (isHeader) isHeader = false;
      else await upload.take(readRow(record, options.mapping), record.cells);
      if (options.signal.aborted) return;
    }
    upload.reached(bytesRead);
  }
  await upload.flush();
  upload.reached(options.file.size);
}

class Upload {
  readonly #options: UploadOptions;
  #rows: Row[] = [];
  #characters = 0;
  #storedCount = 0;
  #refusedCount = 0;
  #refused: RefusedLine[] = [];
  #bytesDone = 0;

  constructor(options: UploadOptions) {
    this.#options = options;
  }

  async take(row: Row | RefusedLine, cells: readonly string[]): Promise<void> {
    if ('reason' in row) return this.#refuse([row]);
    this.#rows.push(row);
    for (const cell of cells) this.#characters += cell.length;
    if (this.#rows.length >= BATCH_ROWS_MAX || this.#characters >= BATCH_CHARACTERS_MAX) await this.flush();
  }

  async flush(): Promise<void> {
    let pending: (readonly Row[])[] = [this.#rows];
    this.#rows = [];
    this.#characters = 0;
    while (pending.length > 0) {
      const [first, ...rest] = pending;
      pending = first.length === 0 ? rest : [...(await this.#store(first)), ...rest];
    }
    this.#tell();
  }

  reached(bytes: number): void {
    this.#bytesDone = bytes;
    this.#tell();
  }

  /** Tries to store rows, and returns in what parts those that are left should be tried. */
  async #store(rows: readonly Row[]): Promise<(readonly Row[])[]> {
    const failure = await this.#send(rows);
    if (failure === undefined) {
      this.#storedCount += rows.length;
      return [];
    }
    if (failure.status === 413) {
      if (rows.length === 1) {
        this.#refuse([{ line: rows[0].line, reason: 'The row is larger than the server takes' }]);
        return [];
      }
      const half = rows.length >> 1;
      return [rows.slice(0, half), rows.slice(half)];
    }
    const reasons = failure.status === 400 ? reasonsOf(failure, rows.length) : new Map<number, string>();
    if (reasons.size === 0) throw failure;
    this.#refuse([...reasons].map(([index, reason]) => ({ line: rows[index].line, reason })));
    return [rows.filter((_, index) => !reasons.has(index))];
  }

  /** With one key for all attempts: a server that did store the first answers as it did then. */
  async #send(rows: readonly Row[]): Promise<ApiFailure | undefined> {
    const key = randomKey();
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#options.store(rows, key);
        return undefined;
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error;
        if (!isPassing(error) || attempt === ATTEMPTS_MAX || this.#options.signal.aborted) return error;
        await pause(Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** (attempt - 1)), this.#options.signal);
      }
    }
  }

  #refuse(lines: readonly RefusedLine[]): void {
    this.#refusedCount += lines.length;
    const room = REFUSALS_KEPT_MAX - this.#refused.length;
    if (room > 0) this.#refused = [...this.#refused, ...lines.slice(0, room)];
  }

  #tell(): void {
    this.#options.onState({
      storedCount: this.#storedCount,
      refusedCount: this.#refusedCount,
      refused: this.#refused,
      bytesDone: this.#bytesDone,
    });
  }
}

/** `crypto.randomUUID` is there on pages of https only. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** No answer, too busy, or too many calls in a second. */
function isPassing({ status }: ApiFailure): boolean {
  return status === 0 || status === 429 || status === 503;
}

/** Why rows of a batch were refused, by their place in it. Not all that are wrong need be among them. */
export function reasonsOf({ details }: ApiFailure, count: number): Map<number, string> {
  const reasons = new Map<number, string>();
  for (const { path, message } of details) {
    const [root, member, index, ...rest] = path;
    if (root !== 'body' || member !== 'dataPoints' || typeof index !== 'number' || index >= count) continue;
    const where = rest.filter(step => step !== 'values').join('.');
    const text = where === '' ? message : `${where}: ${message}`;
    const earlier = reasons.get(index);
    reasons.set(index, earlier === undefined ? text : `${earlier}; ${text}`);
  }
  return reasons;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
