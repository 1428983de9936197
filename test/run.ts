/**
 * Runs the tests, or those whose paths have a word given: each file a process of its own, some at a time.
 *
 * By plain Node. `tap run` would put its loaders (TypeScript, mocks, coverage) into every file, every worker thread
 * and every server a test starts, which no test uses and which took half of the time of the whole.
 */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectRoot } from './support/root.js';
import { runTestFile, type TestFileResult } from './support/test-file.js';

/** Tests wait for servers and disks: more than one a processor, but not so many that a wait becomes a timeout. */
const JOBS = Number(process.env.TEST_JOBS ?? 3);

/** The longest begin first, so that the end does not wait for one of them. */
const LONG = [
  'server/web/zoom',
  'server/web/playground',
  'server/web/board',
  'server/web/board-saved',
  'server/web/session',
  'server/web/explore',
  'bench/pages',
  'engine/query/run',
  'engine/engine',
  'bench/peers',
  'bench/canonical',
  'engine/crash',
  'bench/upkeep',
  'wal/failure',
  'server/verify',
  'bench/recovery',
  'engine/segment/store',
  'bench/ingest',
  'server/web/pages',
];

function testFiles(words: readonly string[]): string[] {
  const folder = join(projectRoot, 'dist/test');
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.test.js'))
    .map(entry => relative(projectRoot, join(entry.parentPath, entry.name)))
    .filter(path => words.length === 0 || words.some(word => path.includes(word)));
  const place = (path: string) => LONG.findIndex(name => path === `dist/test/${name}.test.js`) >>> 0;
  return files.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

function report({ path, failures, totals, seconds }: TestFileResult): void {
  const verdict = failures === undefined ? 'ok' : 'FAILED';
  process.stdout.write(`${verdict} ${path} ${totals.total} in ${seconds.toFixed(1)} s\n`);
  if (failures !== undefined) process.stdout.write(`${failures}\n`);
}

const waiting = testFiles(process.argv.slice(2));
const results: TestFileResult[] = [];
async function worker(): Promise<void> {
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const result = await runTestFile(path);
    report(result);
    results.push(result);
  }
}
const began = performance.now();
await Promise.all(Array.from({ length: JOBS }, worker));

const sum = (kind: 'total' | 'pass' | 'fail' | 'skip') =>
  results.reduce((total, { totals }) => total + totals[kind], 0);
const failed = results.filter(({ failures }) => failures !== undefined);
for (const { path } of failed) process.stdout.write(`FAILED ${path}\n`);
const skipped = sum('skip') > 0 ? `, skip: ${sum('skip')}` : '';
const fail = sum('fail') > 0 ? `, fail: ${sum('fail')}` : '';
process.stdout.write(`# { total: ${sum('total')}, pass: ${sum('pass')}${fail}${skipped} }\n`);
process.stdout.write(`# ${results.length} files in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
if (failed.length > 0 || results.length === 0) process.exitCode = 1;
