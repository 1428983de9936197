import t from 'tap';
import { benchCodec, type CodecOptions, codecText } from '../../bench/codec.js';

const SMOKE: CodecOptions = { cpuSources: 2, cpuRows: 1_300, sensorRows: 3_000, blocks: 2, rounds: 1 };

t.test('heads are sealed and blocks come back, with the same bytes each time', async t => {
  const report = await benchCodec(SMOKE);
  t.same(
    report.sealing.map(({ work, values }) => [work, values]),
    [
      ['cpu int', 26_000],
      ['cpu dec', 26_000],
      ['many sources', 26_000],
      ['sensor', 9_000],
      ['sensor, swapped', 9_000],
    ],
  );
  for (const { work, bytesPerValue, cpuNanosecondsPerValue } of report.sealing) {
    t.ok(bytesPerValue > 0.1 && bytesPerValue < 8, `${work}: ${bytesPerValue} bytes a value`);
    t.ok(cpuNanosecondsPerValue > 0, `${work}: CPU time`);
  }
  for (const name of ['integers', 'decimal', 'dictionary', 'runs', 'split', 'xor'])
    t.ok(
      report.blocks.some(({ codecs }) => codecs[name] > 0),
      `a block of ${name}`,
    );
  t.match(codecText(report), /^head → segments[\s\S]*\nblocks[\s\S]*\nhash [0-9a-f]{16}\n$/);
  t.equal((await benchCodec(SMOKE)).hash, report.hash);
  t.not((await benchCodec({ ...SMOKE, cpuRows: 1_301 })).hash, report.hash, 'other data, another hash');
});
