/** The examples of server/API.md, run from top to bottom: each request is answered as it says there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../support/root.js';
import { ADMIN_KEY, type Answer, Fixture } from './api/fixture.js';

interface Example {
  readonly line: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

const BLOCK = /^```(\w+)(?: (\d{3}))?\n([\s\S]*?)^```$/gm;

/** Requests (`http`) with the answers (`json` and a status) that follow them. */
function examplesOf(text: string): Example[] {
  const examples: Example[] = [];
  let request: Omit<Example, 'status' | 'answer'> | undefined;
  for (const { 1: kind, 2: status, 3: content, index } of text.matchAll(BLOCK)) {
    if (kind === 'http') {
      if (request !== undefined) throw new Error(`The request in line ${request.line} has no answer`);
      request = { line: text.slice(0, index).split('\n').length, ...parseRequest(content) };
    } else if (status !== undefined) {
      if (request === undefined) throw new Error(`An answer without a request: ${content}`);
      examples.push({ ...request, status: Number(status), answer: content });
      request = undefined;
    }
  }
  return examples;
}

function parseRequest(content: string) {
  const [head, ...body] = content.split('\n\n');
  const [first, ...lines] = head.trim().split('\n');
  const [method, target] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map(line => [line.split(': ')[0].toLowerCase(), line.split(': ')[1]]),
  );
  return { method, target, headers, body: body.join('\n\n').trim() };
}

/** Ids and keys that answers have brought, by the names that later requests call them. */
const known = new Map([['adminKey', ADMIN_KEY]]);

function filled(text: string): string {
  return text.replace(/\{(\w+)\}/g, (whole, name) => known.get(name) ?? whole);
}

function remember({ body }: Answer): void {
  const found = {
    bucketId: body?.bucket?._id,
    keyId: body?.apiKey?._id,
    key: body?.apiKey?.key,
    dataSourceId: body?.dataSource?._id,
    dashboardId: body?.dashboard?._id,
    alertId: body?.alertRule?._id,
  };
  for (const [name, value] of Object.entries(found)) if (value !== undefined) known.set(name, value);
}

/** Members whose value is another each time. */
const MEASURED = new Set(['executionTimeMs', 'pointsScanned', 'storageUsedBytes', 'storageUsedFormatted']);

/** Where an answer is not as it is told: other members, or other values than those that may be any (`…`). */
function difference(got: unknown, want: unknown, path = 'answer'): string | undefined {
  if (want === '…') return got === undefined || got === null ? `${path} is missing` : undefined;
  if (typeof want !== 'object' || want === null || typeof got !== 'object' || got === null) {
    return Object.is(got, want)
      ? undefined
      : `${path} is ${JSON.stringify(got)}, not ${JSON.stringify(want)}`;
  }
  const [gotNames, wantNames] = [Object.keys(got), Object.keys(want)];
  if (gotNames.join() !== wantNames.join()) return `${path} has ${gotNames.join()}, not ${wantNames.join()}`;
  for (const name of wantNames) {
    if (MEASURED.has(name)) continue;
    const [ours, theirs] = [got, want].map(value => (value as Record<string, unknown>)[name]);
    const found = difference(ours, theirs, `${path}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

const examples = examplesOf(readFileSync(join(projectRoot, 'server/API.md'), 'utf8'));

t.test('examples do what they say', async t => {
  const fixture = await Fixture.open();
  fixture.now = Date.UTC(2024, 0, 15, 12, 30);
  t.ok(examples.length > 20, `${examples.length} examples`);
  for (const { line, method, target, headers, body, status, answer } of examples) {
    const got = await fixture.call(method, filled(target), {
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, filled(value)])),
      body: body === '' ? undefined : filled(body),
    });
    const name = `line ${line}: ${method} ${target}`;
    t.equal(got.status, status, `${name}: ${got.text.slice(0, 300)}`);
    const want = JSON.parse(filled(answer));
    const found = difference(got.body, want);
    t.equal(found, undefined, name);
    remember(got);
  }
});

t.test('what it says of routes is all there is', async t => {
  const fixture = await Fixture.open();
  const text = readFileSync(join(projectRoot, 'server/API.md'), 'utf8')
    .replaceAll('{', ':')
    .replaceAll('}', '');
  for (const { path } of fixture.application.routes) {
    const last = path.replace('/api/buckets/:bucketId/', '…/');
    t.ok(text.includes(path) || text.includes(last), `${path} is told of`);
  }
});
