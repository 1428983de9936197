import t from 'tap';
import { CODEC } from '../../../engine/codec/codes.js';
import { tableUnder } from '../../support/format-tables.js';

t.test('the table of codec codes is the code', async t => {
  const documented = tableUnder('engine/FORMAT.md', '## Blocks').map(([code, name]) => [name, Number(code)]);
  t.strictSame(documented, Object.entries(CODEC));
});
