import { CsvReader, type CsvRecord } from './records.js';

export interface Chunk {
  readonly records: readonly CsvRecord[];
  /** Of the file, until now. */
  readonly bytesRead: number;
}

/** The beginning of a file, to look at. @throws (rejects) Error where it is not UTF-8 */
export async function readBeginning(file: Blob, bytes: number): Promise<string> {
  const buffer = await file.slice(0, bytes).arrayBuffer();
  // A character that is cut off at the end is no mistake.
  return decode(new TextDecoder('utf-8', { fatal: true }), new Uint8Array(buffer), true);
}

/** All records of a file, read no faster than they are taken. @throws (rejects) Error where it is not UTF-8, or not CSV */
export async function* readRecords(file: Blob, separator: string): AsyncGenerator<Chunk> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = new CsvReader(separator);
  const stream = file.stream().getReader();
  let bytesRead = 0;
  try {
    for (;;) {
      const { done, value } = await stream.read();
      if (done) break;
      bytesRead += value.length;
      yield { records: reader.push(decode(decoder, value, true)), bytesRead };
    }
    yield {
      records: [...reader.push(decode(decoder, new Uint8Array(0), false)), ...reader.end()],
      bytesRead,
    };
  } finally {
    await stream.cancel();
  }
}

/** Anything else would be stored as U+FFFD, and nobody would know. A byte order mark is left out. */
function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, isMore: boolean): string {
  try {
    return decoder.decode(bytes, { stream: isMore });
  } catch {
    throw new Error('The file is not in UTF-8. Save it as CSV in UTF-8, and try again.');
  }
}
