import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { FieldType } from '../../../engine/batch.js';
import { codecNameOf } from '../../../engine/codec/block.js';
import { CODEC } from '../../../engine/codec/codes.js';
import { projectRoot } from '../../support/root.js';
import { decodeSample } from './samples.js';

interface Expected {
  readonly codec: string;
  readonly type?: FieldType;
  readonly rows: number;
  /** Bytes of the values, base64. */
  readonly values: string;
  /** As given to the encoder: more than is used, in another order. */
  readonly dictionary?: string[];
}

const directory = join(projectRoot, 'test/golden/v1/blocks');
const names = readdirSync(directory)
  .filter(name => name.endsWith('.block'))
  .map(name => name.replace('.block', ''));

t.test('blocks of version 1 are read bit by bit', async t => {
  const codecs = new Set<string>();
  for (const name of names) {
    const block = readFileSync(join(directory, `${name}.block`));
    const expected = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as Expected;
    t.equal(codecNameOf(block), expected.codec, `${name}: codec`);
    codecs.add(expected.codec);
    const { values, dictionary } = decodeSample(block, expected.rows, expected.type);
    const bytes = Buffer.from(expected.values, 'base64');
    if (expected.dictionary === undefined)
      t.equal(Buffer.from(values.buffer).toString('base64'), expected.values, name);
    else {
      const written = new Float64Array(new Uint8Array(bytes).buffer);
      const want = Array.from(written, index => expected.dictionary![index]);
      t.strictSame(
        Array.from(values, index => dictionary![index]),
        want,
        name,
      );
    }
  }
  t.strictSame([...codecs].sort(), Object.keys(CODEC).sort(), 'every codec has one');
});
