/**
 * Wrote the blocks of `xor` and `deltaOfDelta` in test/golden/v1/blocks, once. Kept to show how; it refuses to write
 * over files that exist.
 *
 *   node dist/test/golden/write-gorilla-blocks.js <directory>
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gorillaSamples } from '../engine/codec/gorilla-samples.js';
import { encodeSample } from '../engine/codec/samples.js';

const directory = process.argv[2];
if (directory === undefined) throw new Error('Say where to write');

for (const sample of gorillaSamples()) {
  const { name, codec, type, values } = sample;
  writeFileSync(join(directory, `${name}.block`), encodeSample(sample), { flag: 'wx' });
  // The bytes of the values, because JSON has no −0, no infinity and no absent number.
  const expected = { codec, type, rows: values.length, values: Buffer.from(values.buffer).toString('base64') };
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(expected, null, 1)}\n`, { flag: 'wx' });
}
