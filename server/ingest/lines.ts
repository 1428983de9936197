/** Bodies of line protocol → batches, and what is refused of them. */
import { assert } from '../../engine/base/assert.js';
import type { PackedBatch } from '../../engine/batch.js';
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/model.js';
import { takesLayout } from './admit.js';
import type { LineBody, LineMark } from './line-body.js';
import { type LineContext, LineRun } from './line-run.js';
import { LineScanner } from './line-scanner.js';
import { LineSources } from './line-source.js';
import { Paths } from './paths.js';

/** What some lines have come to. */
export interface LineBatch {
  /** undefined where there is no line, or all were refused. */
  readonly batch: PackedBatch | undefined;
  /** Sources of new series: to be made in this turn, before the batch is stored. */
  readonly drafts: readonly DataSource[];
}

export class LineReader {
  readonly #catalog: Catalog;
  readonly #scanner = new LineScanner();
  readonly #paths = new Paths();
  #root = this.#paths.root;
  /** By bucket. */
  readonly #sources = new Map<string, LineSources>();
  #sourcesVersion = 0;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  /** Reads on in a body: as many lines as one record of the log may have. */
  read(body: LineBody, context: LineContext): LineBatch {
    const mark = body.mark();
    const run = this.#run(body, context, false);
    const batch = this.#finish();
    if (batch === undefined || this.#fits(batch, context)) return { batch, drafts: run.drafts };
    // Some line does not fit its source, or another line. Only a look at each can tell which.
    if (run.drafts.length > 0) this.forget(context.bucketId);
    return this.readAgain(body, mark, context);
  }

  /** Reads the same lines with a look at each, also after the storage has refused them: a field has got a type meanwhile. */
  readAgain(body: LineBody, mark: LineMark, context: LineContext): LineBatch {
    body.goBack(mark);
    const { drafts } = this.#run(body, context, true);
    const batch = this.#finish();
    assert(!this.#scanner.rows.hasConflict, 'lines that do not fit were refused');
    return { batch, drafts };
  }

  /** Takes the memory of a batch back, once it is stored. */
  release(batch: PackedBatch): void {
    this.#scanner.rows.release(batch);
  }

  /** Drops what is remembered of the sources of a bucket, where drafts of some have come to nothing. */
  forget(bucketId: string): void {
    this.#sources.delete(bucketId);
  }

  #run(body: LineBody, context: LineContext, checksTypes: boolean): LineRun {
    const sources = this.#sourcesOf(context.bucketId);
    const run = new LineRun({
      catalog: this.#catalog,
      scanner: this.#scanner,
      paths: this.#paths,
      sources,
      body,
      context,
      checksTypes,
    });
    run.read();
    return run;
  }

  #sourcesOf(bucketId: string): LineSources {
    const { sourcesVersion } = this.#catalog;
    const { root } = this.#paths;
    if (sourcesVersion !== this.#sourcesVersion || root !== this.#root) this.#sources.clear();
    this.#sourcesVersion = sourcesVersion;
    this.#root = root;
    let sources = this.#sources.get(bucketId);
    if (sources === undefined || sources.isFull) {
      sources = new LineSources();
      this.#sources.set(bucketId, sources);
    }
    return sources;
  }

  #finish(): PackedBatch | undefined {
    return this.#scanner.rows.rowCount === 0 ? undefined : this.#scanner.rows.finish();
  }

  /** Whether all sources take the fields that the batch has of them. */
  #fits(batch: PackedBatch, { storage }: LineContext): boolean {
    const { rows } = this.#scanner;
    const { sources } = rows;
    return (
      !rows.hasConflict &&
      batch.sources.every(({ layout }, index) => takesLayout(storage, sources[index], layout))
    );
  }
}
