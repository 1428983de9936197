/** A CSV file of a few thousand rows, uploaded in a browser: every good row is stored once, every bad one is named. */
import t from 'tap';
import { accessibilityFaults, noBrowser, openBrowser } from '../../support/browser.js';
import { HOSTILE_NAME, onExplorer, runExplored } from '../../support/explorer.js';

const ROWS = 3_500;
const FIRST_TIME = Date.UTC(2024, 0, 15);
/** Rows of which the page knows that they are bad, and one that only the server refuses. */
const BAD: Readonly<Record<number, readonly [cells: string, reason: RegExp]>> = {
  3: ['x;20;a', /“x” is no time of ISO 8601/],
  1500: ['2024-01-16 00:00:00;warm;a', /temperature: “warm” is no number/],
  2000: ['2024-01-16 00:00:00;20', /2 cells where the header has 3/],
  3000: ['2350-01-16 00:00:00;20;a', /timestamp: Timestamp must be from 1970/],
};

/** Semicolons, commas in numbers, a byte order mark, and notes with line ends. */
function csvText(): string {
  const lines = ['\ufeffTime;Temperature (°C);Note'];
  for (let row = 0; row < ROWS; row++) {
    const time = new Date(FIRST_TIME + row * 1_000).toISOString().slice(0, 19).replace('T', ' ');
    const note = row === 10 ? '"two\r\nlines; ""quoted"""' : HOSTILE_NAME;
    lines.push(BAD[row]?.[0] ?? `${time};${String(row / 8).replace('.', ',')};${note}`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** The header is line 1, and the note of row 10 has two lines. */
function lineOf(row: number): number {
  return row + 2 + (row > 10 ? 1 : 0);
}

t.test('CSV upload', { skip: noBrowser }, async t => {
  const explored = await runExplored(t);
  const browser = await openBrowser(t);
  const { client, bucketId } = explored;
  const { dataSource } = await client.json<{ dataSource: { _id: string } }>(
    'POST',
    `/api/buckets/${bucketId}/sources`,
    { name: 'CSV', schema: { temperature: { type: 'number', unit: '°C' } } },
  );

  const expected = /status of 400/;
  await onExplorer(t, browser, explored, { expected }, async ({ page, show }) => {
    await show(`source/${dataSource._id}`);
    const choose = (name: string, text: string) =>
      page.locator('input[type=file]').setInputFiles({
        name,
        mimeType: 'text/csv',
        buffer: Buffer.from(text),
      });
    await choose('empty.csv', '\n');
    await page.getByText('empty.csv is empty').waitFor();
    await choose('readings.csv', csvText());
    await page.getByRole('heading', { name: 'First rows' }).waitFor();
    t.equal(await page.getByLabel('Between the cells').inputValue(), ';');
    t.ok(await page.getByLabel('Fractions begin with a comma').isChecked());
    t.equal(await page.getByLabel('What Time becomes').inputValue(), 'iso');
    t.equal(await page.getByLabel('Field of Temperature').inputValue(), 'temperature');
    await page.getByRole('cell', { name: /“x” is no time/ }).waitFor();
    t.ok((await page.getByRole('cell', { name: HOSTILE_NAME }).count()) > 0);
    t.same(await accessibilityFaults(page), []);

    const upload = page.getByRole('button', { name: 'Upload', exact: true });
    await page.getByLabel('What Time becomes').selectOption('none');
    await page.getByText('Say which column has the times').waitFor();
    t.ok(await upload.isDisabled());
    await page.getByLabel('What Time becomes').selectOption('iso');
    await page.getByLabel('Field of Note').fill('remark');
    await upload.click();
    const bad = Object.entries(BAD);
    await page.getByText(`Done. ${ROWS - bad.length} rows stored, ${bad.length} lines refused`).waitFor();
    for (const [row, [, reason]] of bad) {
      const line = page.getByRole('row', { name: new RegExp(`^${lineOf(Number(row))} `) });
      t.match(await line.textContent(), reason, `row ${row}`);
    }
    t.same(await accessibilityFaults(page), []);
    await page.getByRole('cell', { name: 'remark', exact: true }).waitFor();
  });

  const { data } = await client.json<{ data: { timestamp: string; values: object }[] }>(
    'POST',
    '/api/data/query',
    { bucketId, aggregation: 'none', filters: { dataSourceId: dataSource._id, limit: 10_000 } },
    200,
  );
  const want = Array.from({ length: ROWS }, (_, row) => row)
    .filter(row => BAD[row] === undefined)
    .map(row => ({
      timestamp: new Date(FIRST_TIME + row * 1_000).toISOString().replace('.000', ''),
      values: { temperature: row / 8, remark: row === 10 ? 'two\r\nlines; "quoted"' : HOSTILE_NAME },
    }));
  t.same(
    data.map(({ timestamp, values }) => ({ timestamp, values })),
    want,
    'every good row is stored, once',
  );
});
