/** Rows of a query as JSON text, printed from columns: 100,000 objects of rows would cost more than they say. */
import type { Answer, AnswerColumn, SourceColumns } from '../../engine/query/request.js';
import { columnsByField } from './columns.js';
import type { JsonWriter } from './json-writer.js';

/** Digits of a row number in a point's id. */
const ROW_DIGITS = 16;
const SOURCE_DIGITS = 8;

const VALUES = Buffer.from(',"values":');
const METADATA = Buffer.from(',"metadata":');
const COUNT = Buffer.from(',"count":');
const OPEN = Buffer.from('{');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from('}');
const EMPTY = Buffer.from('{}');
const NULL = Buffer.from('null');
const BOOLEANS = ['false', 'true'];

/** @param sourceIds ids of sources by ordinal */
export function writeRows(
  writer: JsonWriter,
  { sources, sequence }: Answer,
  sourceIds: ReadonlyMap<number, string>,
): void {
  const printers = sources.map(columns => new RowPrinter(writer, columns, sourceIds));
  writer.text('[');
  let isFirst = true;
  for (let run = 0; run < (sequence?.sources.length ?? 0); run++) {
    const printer = printers[sequence!.sources[run]];
    for (let left = sequence!.rowCounts[run]; left > 0; left--) {
      if (!isFirst) writer.bytes(COMMA);
      isFirst = false;
      printer.printNext();
    }
  }
  writer.text(']');
}

/** Prints the rows of one source, one after another. All that is the same in each is made bytes once. */
class RowPrinter {
  readonly #writer: JsonWriter;
  readonly #rows: SourceColumns;
  readonly #start: Uint8Array;
  readonly #afterId: Uint8Array;
  readonly #fields: readonly MemberPrinter[];
  readonly #metadata: TextBytes | undefined;
  #next = 0;

  constructor(writer: JsonWriter, rows: SourceColumns, sourceIds: ReadonlyMap<number, string>) {
    this.#writer = writer;
    this.#rows = rows;
    const ordinal = rows.source.toString(16).padStart(SOURCE_DIGITS, '0');
    const isRaw = rows.rows !== undefined;
    this.#start = Buffer.from(isRaw ? `{"_id":"${ordinal}` : '{');
    this.#afterId = Buffer.from(
      `${isRaw ? '",' : ''}"dataSourceId":"${sourceIds.get(rows.source)}","timestamp":`,
    );
    this.#fields = Array.from(columnsByField(rows.columns), ([name, field]) =>
      field instanceof Map ? new Figures(writer, name, field) : new Values(writer, name, field),
    );
    this.#metadata = rows.metadata && new TextBytes(rows.metadata.dictionary, text => text);
  }

  printNext(): void {
    const writer = this.#writer;
    const { timestamps, rows, counts, metadata } = this.#rows;
    const row = this.#next++;
    writer.bytes(this.#start);
    if (rows !== undefined) writer.hexadecimal(rows[row], ROW_DIGITS);
    writer.bytes(this.#afterId);
    writer.timestamp(timestamps[row]);
    writer.bytes(VALUES);
    printMembers(writer, this.#fields, row, counts?.[row] === 0);
    const text = metadata?.values[row] ?? Number.NaN;
    if (!Number.isNaN(text)) {
      writer.bytes(METADATA);
      writer.bytes((this.#metadata as TextBytes).of(text));
    }
    if (counts !== undefined) {
      writer.bytes(COUNT);
      writer.number(counts[row]);
    }
    writer.bytes(CLOSE);
  }
}

/** Prints an object of what a row has. */
function printMembers(
  writer: JsonWriter,
  members: readonly MemberPrinter[],
  row: number,
  isGap: boolean,
): void {
  let separator = OPEN;
  for (const member of members) {
    if (!member.isIn(row, isGap)) continue;
    writer.bytes(separator);
    member.print(row, isGap);
    separator = COMMA;
  }
  writer.bytes(separator === OPEN ? EMPTY : CLOSE);
}

/** In a row that fills a gap what is missing is null, else it is left out. */
interface MemberPrinter {
  isIn(row: number, isGap: boolean): boolean;
  /** Name and value of what is in it. */
  print(row: number, isGap: boolean): void;
}

class Values implements MemberPrinter {
  readonly #writer: JsonWriter;
  readonly #name: Uint8Array;
  readonly #values: Float64Array;
  /** Of all values but numbers. */
  readonly #texts: TextBytes | undefined;

  constructor(writer: JsonWriter, name: string, { type, values, dictionary = [] }: AnswerColumn) {
    this.#writer = writer;
    this.#name = Buffer.from(`${JSON.stringify(name)}:`);
    this.#values = values;
    if (type === 'boolean') this.#texts = new TextBytes(BOOLEANS, text => text);
    if (type === 'string') this.#texts = new TextBytes(dictionary, text => JSON.stringify(text));
  }

  isIn(row: number, isGap: boolean): boolean {
    return isGap || !Number.isNaN(this.#values[row]);
  }

  print(row: number): void {
    const value = this.#values[row];
    this.#writer.bytes(this.#name);
    if (Number.isNaN(value)) this.#writer.bytes(NULL);
    else if (this.#texts === undefined) this.#writer.number(value);
    else this.#writer.bytes(this.#texts.of(value));
  }
}

class Figures implements MemberPrinter {
  readonly #writer: JsonWriter;
  readonly #name: Uint8Array;
  readonly #figures: readonly Values[];

  constructor(writer: JsonWriter, name: string, figures: ReadonlyMap<string, AnswerColumn>) {
    this.#writer = writer;
    this.#name = Buffer.from(`${JSON.stringify(name)}:`);
    this.#figures = Array.from(figures, ([figure, column]) => new Values(writer, figure, column));
  }

  isIn(row: number, isGap: boolean): boolean {
    return this.#figures.some(figure => figure.isIn(row, isGap));
  }

  print(row: number, isGap: boolean): void {
    this.#writer.bytes(this.#name);
    printMembers(this.#writer, this.#figures, row, isGap);
  }
}

/** Texts of a dictionary as bytes, each made when it is first printed. */
class TextBytes {
  readonly #texts: readonly string[];
  readonly #format: (text: string) => string;
  readonly #bytes: (Uint8Array | undefined)[];

  constructor(texts: readonly string[], format: (text: string) => string) {
    this.#texts = texts;
    this.#format = format;
    this.#bytes = new Array(texts.length);
  }

  of(index: number): Uint8Array {
    let bytes = this.#bytes[index];
    if (bytes === undefined) {
      bytes = Buffer.from(this.#format(this.#texts[index]));
      this.#bytes[index] = bytes;
    }
    return bytes;
  }
}
