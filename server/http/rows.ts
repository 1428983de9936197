/** Rows of a query as JSON text, printed from columns: 100,000 objects of rows would cost more than they say. */
import type { FieldType } from '../../engine/batch.js';
import type { Answer, AnswerColumn, SourceColumns } from '../../engine/query/request.js';
import { columnsByField } from './columns.js';
import type { JsonWriter } from './json-writer.js';

/** Digits of a row number in a point's id. */
const ROW_DIGITS = 16;
const SOURCE_DIGITS = 8;

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
      if (!isFirst) writer.text(',');
      isFirst = false;
      printer.printNext();
    }
  }
  writer.text(']');
}

/** Prints rows of one source as objects, one after another. All that is the same in each is put together once. */
export class RowPrinter {
  readonly #writer: JsonWriter;
  readonly #rows: SourceColumns;
  readonly #start: string;
  readonly #afterId: string;
  readonly #fields: readonly MemberPrinter[];
  #next = 0;

  constructor(writer: JsonWriter, rows: SourceColumns, sourceIds: ReadonlyMap<number, string>) {
    this.#writer = writer;
    this.#rows = rows;
    const ordinal = rows.source.toString(16).padStart(SOURCE_DIGITS, '0');
    const isRaw = rows.rows !== undefined;
    this.#start = isRaw ? `{"_id":"${ordinal}` : '{';
    this.#afterId = `${isRaw ? '",' : ''}"dataSourceId":"${sourceIds.get(rows.source)}","timestamp":`;
    this.#fields = Array.from(columnsByField(rows.columns), ([name, field]) =>
      field instanceof Map ? new Figures(writer, name, field) : new Values(writer, name, field),
    );
  }

  printNext(): void {
    const writer = this.#writer;
    const { timestamps, rows, counts, metadata } = this.#rows;
    const row = this.#next++;
    writer.text(this.#start);
    if (rows !== undefined) writer.hexadecimal(rows[row], ROW_DIGITS);
    writer.text(this.#afterId);
    writer.timestamp(timestamps[row]);
    writer.text(',"values":');
    printMembers(writer, this.#fields, row, counts?.[row] === 0);
    const text = metadata?.values[row] ?? Number.NaN;
    if (!Number.isNaN(text)) {
      writer.text(',"metadata":');
      writer.text(metadata!.dictionary[text]);
    }
    if (counts !== undefined) {
      writer.text(',"count":');
      writer.number(counts[row]);
    }
    writer.text('}');
  }
}

/** Prints an object of what a row has. */
function printMembers(
  writer: JsonWriter,
  members: readonly MemberPrinter[],
  row: number,
  isGap: boolean,
): void {
  let separator = '{';
  for (const member of members) {
    if (!member.isIn(row, isGap)) continue;
    writer.text(separator);
    member.print(row, isGap);
    separator = ',';
  }
  writer.text(separator === '{' ? '{}' : '}');
}

/** In a row that fills a gap what is missing is null, else it is left out. */
interface MemberPrinter {
  isIn(row: number, isGap: boolean): boolean;
  /** Name and value of what is in it. */
  print(row: number, isGap: boolean): void;
}

class Values implements MemberPrinter {
  readonly #writer: JsonWriter;
  readonly #name: string;
  readonly #values: Float64Array;
  readonly #type: FieldType;
  readonly #texts: Texts;

  constructor(writer: JsonWriter, name: string, { type, values, dictionary = [] }: AnswerColumn) {
    this.#writer = writer;
    this.#name = `${JSON.stringify(name)}:`;
    this.#values = values;
    this.#type = type;
    this.#texts = new Texts(dictionary);
  }

  isIn(row: number, isGap: boolean): boolean {
    return isGap || !Number.isNaN(this.#values[row]);
  }

  print(row: number): void {
    const value = this.#values[row];
    this.#writer.text(this.#name);
    if (Number.isNaN(value)) this.#writer.text('null');
    else if (this.#type === 'number') this.#writer.number(value);
    else this.#writer.text(this.#type === 'boolean' ? BOOLEANS[value] : this.#texts.of(value));
  }
}

class Figures implements MemberPrinter {
  readonly #writer: JsonWriter;
  readonly #name: string;
  readonly #figures: readonly Values[];

  constructor(writer: JsonWriter, name: string, figures: ReadonlyMap<string, AnswerColumn>) {
    this.#writer = writer;
    this.#name = `${JSON.stringify(name)}:`;
    this.#figures = Array.from(figures, ([figure, column]) => new Values(writer, figure, column));
  }

  isIn(row: number, isGap: boolean): boolean {
    return this.#figures.some(figure => figure.isIn(row, isGap));
  }

  print(row: number, isGap: boolean): void {
    this.#writer.text(this.#name);
    printMembers(this.#writer, this.#figures, row, isGap);
  }
}

/** Texts of a dictionary as JSON, each made when it is first printed. */
class Texts {
  readonly #dictionary: readonly string[];
  readonly #quoted: (string | undefined)[];

  constructor(dictionary: readonly string[]) {
    this.#dictionary = dictionary;
    this.#quoted = new Array(dictionary.length);
  }

  of(index: number): string {
    this.#quoted[index] ??= JSON.stringify(this.#dictionary[index]);
    return this.#quoted[index];
  }
}
