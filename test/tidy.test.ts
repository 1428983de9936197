/** The code's own shape: who may import whom, and nothing that nobody uses. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import t from 'tap';
import { projectRoot } from './support/root.js';

const LAYERS = ['wal', 'engine', 'server'];
const FOLDERS = [...LAYERS, 'bench', 'test'];

interface Source {
  readonly path: string;
  readonly text: string;
  /** Project files it imports, by path. */
  readonly imports: readonly string[];
  /** Packages and Node modules. */
  readonly packages: readonly string[];
}

function readSources(folder: string): Source[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => relative(projectRoot, join(entry.parentPath, entry.name)))
    .map(path => {
      const text = readFileSync(join(projectRoot, path), 'utf8');
      const names = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name);
      const local = names.filter(name => name.startsWith('.'));
      return {
        path,
        text,
        imports: local.map(name => sourceOf(normalize(join(dirname(path), name)))),
        packages: names.filter(name => !name.startsWith('.')),
      };
    });
}

/** What a compiled file is made of. */
function sourceOf(path: string): string {
  const source = path.replace(/\.js$/, '.ts');
  return existsSync(join(projectRoot, source)) ? source : `${source}x`;
}

const sources = FOLDERS.flatMap(readSources);

t.test('imports go downwards only', t => {
  for (const { path, imports } of sources) {
    const layer = LAYERS.indexOf(path.split('/')[0]);
    for (const imported of imports) {
      const target = imported.split('/')[0];
      if (layer < 0) t.ok(path.startsWith('test/') || target !== 'test', `${path} imports ${imported}`);
      else
        t.ok(LAYERS.indexOf(target) >= 0 && LAYERS.indexOf(target) <= layer, `${path} imports ${imported}`);
    }
  }
  t.end();
});

t.test('pages and server know each other by the API only', t => {
  const isWeb = (path: string) => path.startsWith('server/web/');
  for (const { path, imports } of sources.filter(({ path }) => !path.startsWith('test/'))) {
    for (const imported of imports) t.equal(isWeb(path), isWeb(imported), `${path} imports ${imported}`);
  }
  t.end();
});

t.test('one file knows the HTTP library, and one place in each layer the file system', t => {
  const users = (name: string) =>
    sources.filter(({ packages }) => packages.includes(name)).map(({ path }) => path);
  t.same(users('uWebSockets.js'), ['server/http/listen.ts']);
  const storage = sources.filter(({ path }) => /^(wal|engine)\//.test(path));
  const files = storage.filter(({ packages }) => packages.some(name => /^node:fs/.test(name)));
  t.same(
    files.map(({ path }) => path),
    ['wal/disk.ts'],
  );
  t.end();
});

t.test('every file is imported or started', t => {
  const imported = new Set(sources.flatMap(source => source.imports));
  const scripts = { path: 'package.json', text: readFileSync(join(projectRoot, 'package.json'), 'utf8') };
  const named = [scripts, ...sources].map(({ path, text }) => ({ path, names: fileNamesIn(text) }));
  for (const { path } of sources) {
    const isStarted =
      path.endsWith('.test.ts') ||
      path.startsWith('test/golden/') ||
      named.some(other => other.path !== path && other.names.has(startedName(path)));
    t.ok(isStarted || imported.has(path), path);
  }
  t.end();
});

/** A worker, a command, a process of a test: its file is named where it is started. */
function startedName(path: string): string {
  return path.startsWith('server/web/') ? basename(path) : `${basename(path, '.ts')}.js`;
}

function fileNamesIn(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(/[/'"]([\w.-]+)(?=['" ])/g), ([, name]) => name));
}

t.test('every export is used by another file', t => {
  const wordsOf = new Map(sources.map(({ path, text }) => [path, countWords(text)]));
  for (const { path, text } of sources.filter(({ path }) => !path.startsWith('test/'))) {
    for (const [, name] of text.matchAll(
      /^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm,
    )) {
      const isMentioned = sources.some(source => source.path !== path && wordsOf.get(source.path)?.has(name));
      // A type that only shapes an exported function's signature is used where that function is.
      const own = wordsOf.get(path)?.get(name) ?? 0;
      t.ok(isMentioned || own > 1, `${path} exports ${name}`);
    }
  }
  t.end();
});

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
