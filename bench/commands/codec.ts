import type { Command } from 'commander';
import { benchCodec, type CodecReport, codecText } from '../codec.js';
import type { Figure } from '../figures.js';
import { type OutputFlags, withOutput, writeOutput } from './output.js';

export function addCodec(program: Command): void {
  withOutput(
    program
      .command('codec')
      .description('CPU time of sealing whole heads, and of packing and unpacking blocks'),
  ).action(async (flags: OutputFlags) => {
    const report = await benchCodec();
    const measured = { figures: codecFigures(report), hashes: { codec: report.hash } };
    writeOutput('codec', flags, measured, () => codecText(report), report);
  });
}

const ENCODE_GOAL = 25;
const DECODE_GOAL = 400;
const DECODE_XOR_GOAL = 80;

function codecFigures({ sealing, blocks }: CodecReport): Figure[] {
  const rate = (id: string, title: string, perSecond: number, goal?: number): Figure => ({
    id: `codec.${id}`,
    title,
    unit: 'M values/s',
    value: perSecond / 1e6,
    better: 'more',
    goal,
  });
  return [
    ...sealing.map(({ work, cpuNanosecondsPerValue }) =>
      rate(`seal.${work}`, `sealing ${work}, a CPU second`, 1e9 / cpuNanosecondsPerValue),
    ),
    ...blocks.flatMap(({ column, codecs, encodedPerSecond, decodedPerSecond }) => [
      rate(`encode.${column}`, `encode ${column}`, encodedPerSecond, ENCODE_GOAL),
      rate(
        `decode.${column}`,
        `decode ${column}`,
        decodedPerSecond,
        codecs.xor === undefined ? DECODE_GOAL : DECODE_XOR_GOAL,
      ),
    ]),
  ];
}
