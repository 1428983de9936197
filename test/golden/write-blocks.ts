/**
 * Wrote test/golden/v1/blocks, once. Kept to show how; never to be run over files that exist (it refuses).
 * A new format gets a directory and a program of its own beside these.
 *
 *   node dist/test/golden/write-blocks.js <directory>
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeSample, samples } from '../engine/codec/samples.js';

const directory = process.argv[2];
if (directory === undefined) throw new Error('Say where to write');
mkdirSync(directory);

for (const sample of samples()) {
  const { name, codec, type, values, dictionary } = sample;
  writeFileSync(join(directory, `${name}.block`), encodeSample(sample));
  // The bytes of the values, because JSON has no −0, no infinity and no absent number.
  const bytes = Buffer.from(values.buffer).toString('base64');
  const expected = { codec, type, rows: values.length, values: bytes, dictionary };
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(expected, null, 1)}\n`);
}
