import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  codecNameOf,
  decodeColumnBlock,
  decodeTimestampBlock,
  encodeColumnBlock,
  encodeTimestampBlock,
} from '../engine/codec/block.js';
import { BLOCK_ROWS_MAX } from '../engine/limits.js';

/** What a column of one file takes in blocks of 1,024 rows, checksums included. */
export interface FileReport {
  readonly file: string;
  readonly values: number;
  readonly bytes: number;
  readonly bitsPerValue: number;
  /** How many blocks each codec won. */
  readonly codecs: Record<string, number>;
  /** Files with timestamps only. */
  readonly timestampBytes?: number;
  readonly bitsPerTimestamp?: number;
}

export interface CompressionReport {
  readonly files: readonly FileReport[];
  /** Mean over files, however long each is. */
  readonly meanBitsPerValue: number;
}

interface FileColumns {
  readonly values: Float64Array;
  readonly timestamps?: Float64Array;
}

/**
 * Packs columns of files as the store would, checks that every bit comes back, and writes what they take: a table, or
 * JSON. Files hold a number a line (`.csv`), `timestamp,value` lines under a header (`.csv`), or little-endian float64
 * (`.bin`).
 */
export async function benchCompression(
  files: string[],
  options: { json: boolean },
  write: (text: string) => void,
): Promise<void> {
  const reports: FileReport[] = [];
  for (const file of files) {
    const columns = await readColumns(file);
    if (columns.values.length === 0) throw new Error(`${file}: there are no values`);
    reports.push(reportOf(file, columns));
  }
  const meanBitsPerValue = reports.reduce((sum, report) => sum + report.bitsPerValue, 0) / reports.length;
  const report: CompressionReport = { files: reports, meanBitsPerValue };
  write(options.json ? `${JSON.stringify(report, null, 2)}\n` : tableOf(report));
}

async function readColumns(file: string): Promise<FileColumns> {
  const content = await readFile(file);
  if (file.endsWith('.bin')) {
    if (content.length % 8 !== 0) throw new Error(`${file}: ${content.length} bytes are no float64 values`);
    return { values: new Float64Array(new Uint8Array(content).buffer) };
  }
  const lines = content.toString('utf8').trimEnd().split('\n');
  if (!lines[0].startsWith('timestamp,')) return { values: numbersOf(file, lines) };
  const rows = lines.slice(1).map(line => line.split(','));
  const times = rows.map(([time]) => Date.parse(`${time.replace(' ', 'T')}Z`));
  if (times.some(Number.isNaN)) throw new Error(`${file}: not every line has a timestamp`);
  return {
    values: numbersOf(
      file,
      rows.map(([, value]) => value),
    ),
    timestamps: Float64Array.from(times),
  };
}

function numbersOf(file: string, texts: string[]): Float64Array {
  return Float64Array.from(texts, (text, line) => {
    const value = numberOf(text.trim().replace(/,$/, '').toLowerCase());
    if (value === undefined)
      throw new Error(`${file}: ${JSON.stringify(text)} (number ${line + 1}) is no number`);
    return value;
  });
}

/** NaN counts as a row without a value, as everywhere in the store. */
function numberOf(text: string): number | undefined {
  if (text === 'nan') return Number.NaN;
  const infinity = /^([+-]?)inf(inity)?$/.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

function reportOf(file: string, { values, timestamps }: FileColumns): FileReport {
  const codecs: Record<string, number> = {};
  const bytes = packedSize(file, values, rows => {
    const block = encodeColumnBlock({ type: 'number', values: rows });
    const codec = codecNameOf(block);
    codecs[codec] = (codecs[codec] ?? 0) + 1;
    return [block, decodeColumnBlock(block, rows.length, 'number').values];
  });
  const report = { file, values: values.length, bytes, bitsPerValue: (bytes * 8) / values.length, codecs };
  if (timestamps === undefined) return report;
  const timestampBytes = packedSize(file, timestamps, rows => {
    const block = encodeTimestampBlock(rows);
    return [block, decodeTimestampBlock(block, rows.length)];
  });
  return { ...report, timestampBytes, bitsPerTimestamp: (timestampBytes * 8) / values.length };
}

/** Bytes of all blocks; each is unpacked again and compared bit by bit. */
function packedSize(
  file: string,
  values: Float64Array,
  roundTrip: (rows: Float64Array) => [Uint8Array, Float64Array],
): number {
  let bytes = 0;
  for (let start = 0; start < values.length; start += BLOCK_ROWS_MAX) {
    const rows = values.slice(start, start + BLOCK_ROWS_MAX);
    const [block, decoded] = roundTrip(rows);
    for (let row = 0; row < rows.length; row++)
      if (!Object.is(rows[row], decoded[row]))
        throw new Error(`${file}: row ${start + row} comes back as ${decoded[row]} instead of ${rows[row]}`);
    bytes += block.length;
  }
  return bytes;
}

function tableOf({ files, meanBitsPerValue }: CompressionReport): string {
  const lines = [rowOf('file', 'values', 'bytes', 'bits/value', 'bits/timestamp', 'codecs')];
  for (const report of files) {
    const codecs = Object.entries(report.codecs).map(([codec, blocks]) => `${codec} ${blocks}`);
    lines.push(
      rowOf(
        basename(report.file),
        String(report.values),
        String(report.bytes),
        report.bitsPerValue.toFixed(2),
        report.bitsPerTimestamp?.toFixed(2) ?? '',
        codecs.join(', '),
      ),
    );
  }
  lines.push(rowOf(`mean of ${files.length}`, '', '', meanBitsPerValue.toFixed(2), '', ''));
  return `${lines.join('\n')}\n`;
}

function rowOf(
  file: string,
  values: string,
  bytes: string,
  bits: string,
  timestampBits: string,
  codecs: string,
): string {
  const numbers = values.padStart(9) + bytes.padStart(10) + bits.padStart(12) + timestampBits.padStart(16);
  return `${file.padEnd(42)}${numbers}  ${codecs}`.trimEnd();
}
