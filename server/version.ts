import { readFileSync } from 'node:fs';

/** Of this program, as its package has it. */
export function version(): string {
  const text = readFileSync(new URL(import.meta.resolve('#package')), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
