/** The server's own log: JSON lines on stderr, so that stdout stays for people. */
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { LogLevel } from './config.js';

export type { Logger };

const SECRETS = ['key', 'adminKey', 'authorization', '["x-api-key"]', 'secret', 'webhookSecret'];

/** Keys never get into the log, on whatever of these levels an object carries them. */
const REDACTED = SECRETS.flatMap(name => [name, under('*', name), under('*.*', name)]);

function under(path: string, name: string): string {
  return name.startsWith('[') ? path + name : `${path}.${name}`;
}

/** Synchronous: asynchronous lines that are under way when the process ends come after the last, or not at all. */
export function createLogger(
  level: LogLevel,
  stream: DestinationStream = destination({ dest: 2, sync: true }),
): Logger {
  return pino({ level, base: undefined, redact: { paths: REDACTED, censor: '[redacted]' } }, stream);
}
