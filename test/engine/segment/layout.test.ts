import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { FIELD_TYPE_CODES } from '../../../engine/field-codes.js';
import { ERASE_VERSION, POINTS_VERSION } from '../../../engine/head/record.js';
import { BLOCK_ROWS_MAX } from '../../../engine/limits.js';
import { CHUNK_WINDOWS_MAX, LEVEL_WIDTHS_MS } from '../../../engine/rollup/levels.js';
import { LENGTHS_COUNT_MIN } from '../../../engine/rollup/number-figures.js';
import * as layout from '../../../engine/segment/layout.js';
import { MANIFEST_VERSION, segmentFileName } from '../../../engine/segment/manifest.js';
import { tableUnder } from '../../support/format-tables.js';
import { projectRoot } from '../../support/root.js';

const DOCUMENT = 'engine/FORMAT.md';
const SIZES: Record<string, number> = { 'u8[8]': 8, u32: 4, u64: 8, crc: 4 };

/** camelCase of the document as the constant's name. */
function constantOf(prefix: string, field: string): string {
  return `${prefix}_${field.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;
}

for (const [heading, prefix, bytes] of [
  ['### Header', 'HEADER', layout.HEADER_BYTES],
  ['### Footer', 'FOOTER', layout.FOOTER_BYTES],
] as const) {
  t.test(`${heading} of the document is the code's`, t => {
    let position = 0;
    for (const [at, field, type] of tableUnder(DOCUMENT, heading)) {
      t.equal(Number(at), position, `${field} follows without a gap`);
      t.equal((layout as Record<string, unknown>)[constantOf(prefix, field)], position, field);
      position += SIZES[type];
    }
    t.equal(position, bytes);
    t.end();
  });
}

t.test("the widths of rollup levels are the code's", t => {
  const rows = tableUnder(DOCUMENT, '### Rollups');
  t.same(
    rows.map(([code, , milliseconds]) => [Number(code), Number(milliseconds)]),
    LEVEL_WIDTHS_MS.map((width, code) => [code, width]),
  );
  t.end();
});

t.test('what the text says is the code', t => {
  const text = readFileSync(join(projectRoot, DOCUMENT), 'utf8');
  const says = (sentence: string) => t.ok(text.replace(/\s+/g, ' ').includes(sentence), sentence);
  const { number, string, boolean } = FIELD_TYPE_CODES;
  says(`Field types, wherever one stands: ${number} number, ${string} string, ${boolean} boolean.`);
  says(`${layout.HEADER_BYTES} bytes.`);
  says(`${layout.FOOTER_BYTES} bytes.`);
  says(`| version | \`u32\` | ${layout.SEGMENT_VERSION} |`);
  says(`one for every ${layout.LEAF_BLOCKS_MAX} groups`);
  says(`one for every ${CHUNK_WINDOWS_MAX.toLocaleString('en')} windows`);
  says(`only from ${LENGTHS_COUNT_MIN} numbers on`);
  says(`| blockRows | \`u32\` | ${BLOCK_ROWS_MAX.toLocaleString('en')} |`);
  says(`| \`version\` | ${MANIFEST_VERSION} |`);
  says(`| version | \`u8\` | ${POINTS_VERSION} |`);
  says(`\`u8\` version (${ERASE_VERSION})`);
  says(segmentFileName(7));
  const columns = text.slice(text.indexOf('The columns: '), text.indexOf('### Footer'));
  t.same(
    [...columns.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    layout.TABLE_COLUMNS,
  );
  const magic = Buffer.from(layout.SEGMENT_MAGIC);
  says(
    `\`${magic.toString('latin1', 0, 5)}\` \`${magic
      .subarray(5)
      .toString('hex')
      .toUpperCase()
      .replace(/(..)(?=.)/g, '$1 ')}\``,
  );
  t.end();
});
