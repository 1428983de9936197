/** What packing costs: whole heads to segment files, and blocks of each kind in both directions. */
import { createHash, type Hash } from 'node:crypto';
import {
  codecNameOf,
  decodeColumnBlock,
  decodeTimestampBlock,
  encodeColumnBlock,
  encodeTimestampBlock,
} from '../engine/codec/block.js';
import { BlockGuide } from '../engine/codec/guide.js';
import { BLOCK_ROWS_MAX } from '../engine/limits.js';
import { type CodecColumn, codecColumns } from './codec-columns.js';
import { cpuMilliseconds, median } from './median.js';
import { benchSealing, type SealingReport, type SealingSize } from './sealing.js';

export interface BlocksReport {
  readonly column: string;
  /** How many blocks each codec won. */
  readonly codecs: Record<string, number>;
  readonly bitsPerValue: number;
  /** By CPU time; the median. Choosing the codec is part of encoding. */
  readonly encodedPerSecond: number;
  readonly decodedPerSecond: number;
}

export interface CodecReport {
  readonly sealing: readonly SealingReport[];
  readonly blocks: readonly BlocksReport[];
  /** Over all bytes that were written: it changes with the data and the encoder only. */
  readonly hash: string;
}

export interface CodecOptions extends SealingSize {
  /** Blocks of each column. */
  readonly blocks: number;
  readonly rounds: number;
}

/** Two heads of about 32 MiB, the sources of the cpu work, and one of a sensor's week and a half. */
const REAL_SIZE: CodecOptions = {
  cpuSources: 100,
  cpuRows: 3_800,
  sensorRows: 1_000_000,
  blocks: 256,
  rounds: 7,
};

/** A round lasts some tens of milliseconds at the real size. */
const ENCODE_PASSES = 4;
const DECODE_PASSES = 16;

/** @throws (rejects) where a value comes back as another. */
export async function benchCodec(size: Partial<CodecOptions> = {}): Promise<CodecReport> {
  const options = { ...REAL_SIZE, ...size };
  const hash = createHash('sha256');
  const sealing = await benchSealing(options, options.rounds, hash);
  const columns = codecColumns(options.blocks * BLOCK_ROWS_MAX);
  const blocks = columns.map(column => timeBlocks(column, options.rounds, hash));
  return { sealing, blocks, hash: hash.digest('hex').slice(0, 16) };
}

function timeBlocks(column: CodecColumn, rounds: number, hash: Hash): BlocksReport {
  const { name, isTimes, values } = column;
  const rows: Float64Array[] = [];
  for (let from = 0; from < values.length; from += BLOCK_ROWS_MAX)
    rows.push(values.slice(from, from + BLOCK_ROWS_MAX));
  const guide = new BlockGuide();
  const encode = isTimes
    ? encodeTimestampBlock
    : (values: Float64Array) => encodeColumnBlock({ type: 'number', values }, guide);
  const decode = (block: Uint8Array, count: number) =>
    isTimes ? decodeTimestampBlock(block, count) : decodeColumnBlock(block, count, 'number').values;
  const blocks = rows.map(encode);
  checkBlocks(
    column,
    rows,
    blocks.map((block, index) => decode(block, rows[index].length)),
  );
  const codecs: Record<string, number> = {};
  let bytes = 0;
  for (const block of blocks) {
    const codec = codecNameOf(block);
    codecs[codec] = (codecs[codec] ?? 0) + 1;
    bytes += block.length;
    hash.update(block);
  }
  const encodeMs = timePasses(rounds, ENCODE_PASSES, () => {
    for (let index = 0; index < rows.length; index++) encode(rows[index]);
  });
  const decodeMs = timePasses(rounds, DECODE_PASSES, () => {
    for (let index = 0; index < rows.length; index++) decode(blocks[index], rows[index].length);
  });
  return {
    column: name,
    codecs,
    bitsPerValue: (bytes * 8) / values.length,
    encodedPerSecond: (values.length / encodeMs) * 1_000,
    decodedPerSecond: (values.length / decodeMs) * 1_000,
  };
}

/** CPU time of one pass; a round more comes first, for the compiler. */
function timePasses(rounds: number, passes: number, pass: () => void): number {
  const times: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const before = cpuMilliseconds();
    for (let done = 0; done < passes; done++) pass();
    if (round >= 0) times.push((cpuMilliseconds() - before) / passes);
  }
  return median(times);
}

function checkBlocks({ name }: CodecColumn, rows: readonly Float64Array[], decoded: readonly Float64Array[]) {
  for (let block = 0; block < rows.length; block++) {
    for (let row = 0; row < rows[block].length; row++) {
      const found = decoded[block][row];
      const want = rows[block][row];
      if (!Object.is(found, want))
        throw new Error(`${name}: row ${row} of block ${block} comes back as ${found} instead of ${want}`);
    }
  }
}

export function codecText({ sealing, blocks, hash }: CodecReport): string {
  const sealed = sealing.map(report =>
    [
      report.work.padEnd(15),
      report.values.toLocaleString('en').padStart(11),
      report.bytesPerValue.toFixed(4).padStart(14),
      report.cpuNanosecondsPerValue.toFixed(1).padStart(14),
      report.leastCpuNanosecondsPerValue.toFixed(1).padStart(7),
      report.wallNanosecondsPerValue.toFixed(1).padStart(15),
      (1e3 / report.cpuNanosecondsPerValue).toFixed(1).padStart(14),
    ].join(''),
  );
  const packed = blocks.map(report =>
    [
      report.column.padEnd(18),
      report.bitsPerValue.toFixed(2).padStart(12),
      (report.encodedPerSecond / 1e6).toFixed(1).padStart(16),
      (report.decodedPerSecond / 1e6).toFixed(1).padStart(16),
      `  ${Object.entries(report.codecs)
        .map(([codec, count]) => `${codec} ${count}`)
        .join(', ')}`,
    ].join(''),
  );
  return [
    'head → segments      values   bytes/value   CPU ns/value  least  wall ns/value  M values/CPU s',
    ...sealed,
    '',
    'blocks              bits/value  encode, M val/s  decode, M val/s  codecs',
    ...packed,
    '',
    `hash ${hash}`,
    '',
  ].join('\n');
}
