/** Sends the rows of a CSV file to a server, in bounded memory, and accounts for each of them. */
import { SingleBar } from 'cli-progress';
import { ApiClient, type ApiClientOptions, type BatchOutcome, UncertainError } from './import/client.js';
import { openCsv, type RefusedRow, type Row, type RowBatch } from './import/rows.js';

/** One batch is read and packed while the server stores the other. */
const REQUESTS_IN_FLIGHT = 2;

/** A file of another shape than meant is refused row by row: after so many lines everybody has got the point. */
const REFUSALS_SHOWN_MAX = 1_000;

export interface ImportOptions extends ApiClientOptions {
  readonly file: string;
  /** Id, or name where the key is an Admin key. */
  readonly bucket: string;
  /** Id or name. */
  readonly source: string;
  readonly timestampColumn: string;
}

export interface ImportReport {
  readonly sent: number;
  readonly refused: number;
}

/** The import ended early; `report` counts what was done until then. */
export class ImportError extends Error {
  readonly report: ImportReport;

  constructor(message: string, report: ImportReport, cause: unknown) {
    super(message, { cause });
    this.name = 'ImportError';
    this.report = report;
  }
}

/**
 * Imports a file: rows that the server refuses are told on stderr, by line, and the others are stored all the same.
 * A batch is sent again only where it is certain that it was not stored: points sent twice are two points.
 * @throws ImportError (rejects) once rows may have been sent; before that, what the file or the server say.
 */
export async function runImport(options: ImportOptions): Promise<ImportReport> {
  // Before the server is asked, which may have to be waited for: a misspelt name is told at once.
  const csv = await openCsv(options.file, options.timestampColumn);
  const client = new ApiClient(options);
  const bucketId = await client.bucketId(options.bucket);
  const source = await client.source(bucketId, options.source);
  const progress = new Progress(csv.byteCount);
  const sender = new Sender(client, bucketId, source.id, progress);
  try {
    await sendAll(csv.batches(source.declared), sender);
  } catch (error) {
    progress.stop();
    const { sent, refused } = sender.report;
    const message = `${(error as Error).message} (${sent} rows were sent before, ${refused} refused)`;
    throw new ImportError(message, sender.report, error);
  }
  progress.stop();
  const { sent, refused } = sender.report;
  process.stdout.write(`Sent ${sent} rows to ${source.name}, refused ${refused}\n`);
  return sender.report;
}

async function sendAll(batches: AsyncIterable<RowBatch>, sender: Sender): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  for await (const batch of batches) {
    const sending = sender
      .send(batch)
      .catch(error => {
        failure ??= { error };
      })
      .finally(() => inFlight.delete(sending));
    inFlight.add(sending);
    if (inFlight.size >= REQUESTS_IN_FLIGHT) await Promise.race(inFlight);
    if (failure !== undefined) break;
  }
  // What is under way is waited for, whatever happened: the report must count it.
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure.error;
}

class Sender {
  readonly #client: ApiClient;
  readonly #bucketId: string;
  readonly #dataSourceId: string;
  readonly #progress: Progress;
  #sent = 0;
  #refused = 0;

  constructor(client: ApiClient, bucketId: string, dataSourceId: string, progress: Progress) {
    this.#client = client;
    this.#bucketId = bucketId;
    this.#dataSourceId = dataSourceId;
    this.#progress = progress;
  }

  get report(): ImportReport {
    return { sent: this.#sent, refused: this.#refused };
  }

  async send({ rows, refused, bytesRead }: RowBatch): Promise<void> {
    for (const row of refused) this.#refuse(row);
    let pending: (readonly Row[])[] = [rows];
    while (pending.length > 0) {
      const [first, ...rest] = pending;
      pending = first.length === 0 ? rest : [...(await this.#store(first)), ...rest];
    }
    this.#progress.reached(bytesRead);
  }

  /** Tries to store rows, and returns in what parts those that are left should be tried. */
  async #store(rows: readonly Row[]): Promise<(readonly Row[])[]> {
    const outcome = await this.#request(rows);
    switch (outcome.kind) {
      case 'stored':
        this.#sent += rows.length;
        return [];
      case 'refused': {
        const indexes = new Set(outcome.points.map(({ index }) => index));
        for (const { index, message } of outcome.points) this.#refuse({ line: rows[index].line, message });
        return [rows.filter((_, index) => !indexes.has(index))];
      }
      case 'tooLarge': {
        if (rows.length === 1) {
          this.#refuse({ line: rows[0].line, message: 'the row is larger than the server takes' });
          return [];
        }
        const half = rows.length >> 1;
        return [rows.slice(0, half), rows.slice(half)];
      }
    }
  }

  async #request(rows: readonly Row[]): Promise<BatchOutcome> {
    const dataSourceId = this.#dataSourceId;
    const points = rows.map(({ timestamp, values }) => ({ dataSourceId, timestamp, values }));
    try {
      return await this.#client.store(this.#bucketId, points);
    } catch (error) {
      if (!(error instanceof UncertainError)) throw error;
      const [from, to] = [rows[0].line, rows[rows.length - 1].line];
      throw new Error(
        `${error.message}: it is not known whether lines ${from} to ${to} were stored; look before sending them again`,
        { cause: error },
      );
    }
  }

  #refuse({ line, message }: RefusedRow): void {
    this.#refused++;
    if (this.#refused <= REFUSALS_SHOWN_MAX) this.#progress.print(`line ${line}: ${message}`);
    if (this.#refused === REFUSALS_SHOWN_MAX) this.#progress.print('Further refused lines are only counted');
  }
}

/** A bar where somebody looks; lines alone where stderr goes to a file. */
class Progress {
  readonly #bar: SingleBar | undefined;
  #bytes = 0;

  constructor(byteCount: number) {
    if (!process.stderr.isTTY) return;
    this.#bar = new SingleBar({
      format: '{bar} {percentage}% | {eta_formatted} left',
      clearOnComplete: true,
    });
    this.#bar.start(byteCount, 0);
  }

  reached(bytes: number): void {
    this.#bytes = Math.max(this.#bytes, bytes);
    this.#bar?.update(this.#bytes);
  }

  print(line: string): void {
    // The bar is drawn again below: over its line, the text would be mixed with what is left of it.
    process.stderr.write(this.#bar === undefined ? `${line}\n` : `\r\x1b[K${line}\n`);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
