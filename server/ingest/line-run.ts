/** One pass over lines of a body: usual ones by the scanner, the others with care. */
import type { FieldType } from '../../engine/batch.js';
import type { Storage } from '../../engine/storage.js';
import type { Catalog } from '../catalog/catalog.js';
import { knownTypes } from '../catalog/fields.js';
import type { DataSource } from '../catalog/model.js';
import { parseSeries } from '../catalog/series.js';
import {
  LINE_BYTES_OF_RECORD_MAX,
  LINE_PATHS_OF_RECORD_MAX,
  LINES_OF_RECORD_MAX,
  SERIES_MAX,
  SOURCE_FIELDS_MAX,
} from '../limits.js';
import { TOO_MANY_FIELDS_MESSAGE } from '../schemas/fields.js';
import { problemMessage } from '../schemas/timestamp.js';
import { echo } from '../schemas/validate.js';
import { sourceBeyondPlan } from '../usage/plan-limits.js';
import type { LineBody } from './line-body.js';
import type { LineScanner } from './line-scanner.js';
import type { LineSource, LineSources } from './line-source.js';
import { decodeText, LineText, lineEnd } from './line-text.js';
import { readTime, type TimeUnit } from './line-times.js';
import type { Path, Paths } from './paths.js';

const SPACE = 0x20;
const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NUMBER_SIGN = 0x23;

export interface LineContext {
  readonly bucketId: string;
  readonly unit: TimeUnit;
  /** Time of lines that have none, in milliseconds. */
  readonly now: number;
  readonly storage: Storage;
}

export interface LineRunOptions {
  readonly catalog: Catalog;
  readonly scanner: LineScanner;
  readonly paths: Paths;
  readonly sources: LineSources;
  readonly body: LineBody;
  readonly context: LineContext;
  /** Whether lines that do not fit their source are refused. Otherwise they are not even noticed. */
  readonly checksTypes: boolean;
}

export class LineRun {
  /** Sources of new series, in order. */
  readonly drafts: DataSource[] = [];
  readonly #options: LineRunOptions;
  readonly #root: Path;
  /** Fields of the sources whose lines are checked. */
  readonly #types = new Map<LineSource, Map<string, FieldType>>();

  constructor(options: LineRunOptions) {
    this.#options = options;
    this.#root = options.paths.root;
    const { sources, context } = options;
    const { unit, now } = context;
    options.scanner.begin(options.body.bytes, { sources, root: this.#root, unit, now });
  }

  /** Reads from where the body has been read to. */
  read(): void {
    const { scanner, paths, body, checksTypes } = this.#options;
    const end = body.at + LINE_BYTES_OF_RECORD_MAX;
    const { rows } = scanner;
    while (!body.isRead && rows.rowCount < LINES_OF_RECORD_MAX && body.at < end) {
      if (!checksTypes && body.at <= body.lastLineFeed && scanner.read(body.at)) body.at = scanner.next;
      else this.#readWithCare();
      if (paths.count > LINE_PATHS_OF_RECORD_MAX) break;
    }
  }

  #readWithCare(): void {
    const { body } = this.#options;
    const { bytes } = body;
    let start = body.at;
    while (bytes[start] === SPACE || bytes[start] === TAB) start++;
    if (bytes[start] === NUMBER_SIGN) {
      const end = bytes.indexOf(LINE_FEED, start);
      body.at = end < 0 ? bytes.length : end + 1;
      return;
    }
    const end = lineEnd(bytes, start);
    body.at = end + 1;
    const textEnd = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (textEnd === start) return;
    const text = bytes.toString('latin1', start, textEnd);
    const line = new LineText(text);
    if (line.problem !== undefined) {
      body.refuse(start, `unable to parse '${echo(decodeText(text))}': ${line.problem}`);
      return;
    }
    const problem = this.#add(line, bytes.toString('latin1', start, start + line.keyLength));
    if (problem !== undefined) body.refuse(start, problem);
  }

  /** Why a line cannot be stored; undefined where its row has been added. */
  #add(line: LineText, spelling: string): string | undefined {
    const { scanner, context } = this.#options;
    const time = line.time === '' ? context.now : readTime(line.time, context.unit);
    if (time === undefined) return problemMessage('range');
    const path = this.#pathOf(line);
    if (path === undefined) return TOO_MANY_FIELDS_MESSAGE;
    const source = this.#sourceOf(line, spelling, path);
    if (typeof source === 'string') return source;
    const problem = this.#options.checksTypes ? this.#checkTypes(line, source) : undefined;
    if (problem !== undefined) return problem;
    const { rows } = scanner;
    rows.reserve(line.fields.size);
    let cell = rows.cellCount;
    for (const { value } of line.fields.values()) {
      rows.cells[cell++] = typeof value === 'string' ? rows.textIndex(value) : Number(value);
    }
    rows.add(source, time, path, -1);
    scanner.follow(source);
    source.first = this.#root.next;
    return undefined;
  }

  /** undefined where the line has too many fields. */
  #pathOf({ fields }: LineText): Path | undefined {
    let path: Path | undefined = this.#root;
    let separator = '';
    for (const { name, spelling, value } of fields.values()) {
      const kind = typeof value as FieldType;
      // Not cut out of the line: of a field that comes twice, the value is the last one, in the place of the first.
      const token = `${separator}${spelling}=${kind === 'string' ? '"' : ''}`;
      separator = ',';
      path = path.step(name, kind, Buffer.from(token, 'latin1'))?.to;
      if (path === undefined) return undefined;
    }
    return path;
  }

  /** The source of a line, made where there is none; a text says why it cannot be had. */
  #sourceOf(line: LineText, spelling: string, path: Path): LineSource | string {
    const { sources } = this.#options;
    const found = sources.find(spelling);
    if (found !== undefined) return found;
    // Slices of the line would keep all of it in memory.
    const key = line.key === spelling ? spelling : Buffer.from(line.key, 'latin1').toString('latin1');
    const source = sources.find(key) ?? this.#openSource(key, path);
    if (typeof source !== 'string' && key !== spelling) sources.addSpelling(source, spelling);
    return source;
  }

  #openSource(key: string, path: Path): LineSource | string {
    const { catalog, sources, context } = this.#options;
    const { bucketId, now } = context;
    const text = decodeText(key);
    const series = catalog.series(bucketId);
    const known = series.get(text);
    if (known?.status === 'archived') return `data source of series '${echo(text)}' is archived`;
    if (known !== undefined) return sources.add(known, key);
    if (series.size + this.drafts.length >= SERIES_MAX) return `a bucket has at most ${SERIES_MAX} series`;
    const beyondPlan = sourceBeyondPlan(catalog, this.drafts.length);
    if (beyondPlan !== undefined) return beyondPlan;
    const draft = { bucketId, key: text, fields: path.layout.fields, createdAt: now };
    const source = catalog.draftSeries(draft, this.drafts.length);
    this.drafts.push(source);
    return sources.add(source, key);
  }

  /** Why the fields of a line do not fit their source; where they do, it has them from now on. */
  #checkTypes({ fields }: LineText, lineSource: LineSource): string | undefined {
    const { source } = lineSource;
    let types = this.#types.get(lineSource);
    if (types === undefined) {
      types = new Map(this.#isDraft(source) ? [] : knownTypes(this.#options.context.storage, source));
      this.#types.set(lineSource, types);
    }
    let newCount = 0;
    for (const { name, value } of fields.values()) {
      const expected = types.get(name);
      if (expected === undefined) newCount++;
      else if (expected !== typeof value) {
        const { measurement } = parseSeries(source.series as string);
        return (
          `field type conflict: input field "${name}" on measurement "${echo(measurement)}" ` +
          `is type ${typeof value}, already exists as type ${expected}`
        );
      }
    }
    if (types.size + newCount > SOURCE_FIELDS_MAX) return TOO_MANY_FIELDS_MESSAGE;
    for (const { name, value } of fields.values()) types.set(name, typeof value as FieldType);
    return undefined;
  }

  #isDraft({ ordinal }: DataSource): boolean {
    return this.drafts.length > 0 && ordinal >= this.drafts[0].ordinal;
  }
}
