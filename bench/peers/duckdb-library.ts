/** `@duckdb/node-api`, where somebody has installed it: the project does not depend on it. As much of it as is used. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const NAME = '@duckdb/node-api';

interface Chunk {
  setColumns(columns: readonly (readonly unknown[])[]): void;
}

interface Appender {
  appendDataChunk(chunk: Chunk): void;
  closeSync(): void;
}

interface Connection {
  runAndReadAll(sql: string): Promise<{ getRowsJS(): unknown[][] }>;
  createAppender(table: string): Promise<Appender>;
  closeSync(): void;
}

interface Library {
  readonly DuckDBInstance: {
    create(file: string): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
  readonly DuckDBDataChunk: { create(types: readonly unknown[]): Chunk };
  readonly VARCHAR: unknown;
  readonly INTEGER: unknown;
  readonly DOUBLE: unknown;
}

export async function loadDuckDb(): Promise<Library> {
  return (await import(NAME)) as Library;
}

/** Undefined where it is not installed. */
export function duckDbVersion(): string | undefined {
  try {
    const main = createRequire(import.meta.url).resolve(NAME);
    const text = readFileSync(join(dirname(main), '..', 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  } catch {
    return undefined;
  }
}
