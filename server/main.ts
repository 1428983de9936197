/** The life of the server: start, greeting, signals, end. What it is made of is the caller's. */
import { access, constants, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config } from './config.js';
import type { Application } from './http/application.js';
import { type Listening, listen } from './http/listen.js';
import { type DirectoryLock, lockDirectory } from './lock.js';
import { createLogger, type Logger } from './log.js';

/** Everything behind the socket. */
export interface Running {
  readonly application: Application;
  /** The Admin key, where this start has made it. */
  readonly adminKey?: string;
  /** Called once, when requests are taken: time for what they need only sooner or later. */
  onListening?(): void;
  /** Called once, when no request is in flight any more. Closes application, storage and log. */
  close(): Promise<void>;
}

/** Makes everything behind the socket; the data directory exists and is ours. */
export type Compose = (config: Config, logger: Logger) => Promise<Running>;

export interface Started {
  readonly address: string;
  readonly adminKey: string | undefined;
  /** Answers what is in flight, then lets go of everything. */
  close(): Promise<void>;
}

/**
 * Locks the data directory, composes, listens, in this order: a request must find everything recovered, and recovery
 * must find nobody else writing. What was taken before a failure is given back.
 * @throws (rejects) DirectoryLockedError, ListenError, or whatever `compose` and the disk say.
 */
export async function start(
  config: Config,
  compose: Compose,
  logger: Logger,
  onAdminKey: (key: string) => void,
): Promise<Started> {
  let lock: DirectoryLock | undefined;
  let running: Running | undefined;
  let listening: Listening | undefined;
  const close = async () => {
    await listening?.close();
    await running?.close();
    await lock?.release();
  };
  try {
    await makeDataDirectory(config.dataDirectory);
    lock = await lockDirectory(config.dataDirectory);
    running = await compose(config, logger);
    // Before listening: were the port in use, the key would exist and nobody would ever have seen it.
    if (running.adminKey !== undefined) onAdminKey(running.adminKey);
    listening = await listen(running.application, {
      host: config.host,
      port: config.port,
      inflightBodyBytesMax: config.inflightBodyBytesMax,
      onError: error => logger.error({ err: error }, 'a request failed'),
    });
    running.onListening?.();
  } catch (error) {
    await close();
    throw error;
  }
  return { address: listening.address, adminKey: running.adminKey, close };
}

async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Error(`Cannot use the data directory ${directory}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** How long the echo of a signal may take. A person who means it presses again. */
const ECHO_MS_MAX = 1_000;

export interface ReceivedSignal {
  readonly signal: NodeJS.Signals;
  /** Milliseconds, of a clock that only goes forward. */
  readonly at: number;
}

/**
 * Whether a signal is the one before it, come twice: the terminal sends Ctrl-C to all of `npm start`, and npm passes
 * it on to us who have it already. Taken for a second one, it would end the process in the middle of closing.
 */
export function isEcho(first: ReceivedSignal, second: ReceivedSignal): boolean {
  return second.signal === first.signal && second.at - first.at < ECHO_MS_MAX;
}

/**
 * Serves until SIGTERM or SIGINT, then resolves once everything is closed. A second signal ends the process at once
 * with status 1; what was acknowledged is durable all the same.
 * @throws (rejects) as `start` does.
 */
export async function serve(config: Config, compose: Compose): Promise<void> {
  const logger = createLogger(config.logLevel);
  const started = await start(config, compose, logger, key => {
    process.stdout.write(`Your Admin key. It is shown only now, so keep it:\n  ${key}\n\n`);
  });
  const stopped = firstSignal();
  process.stdout.write(greeting(started, config));
  logger.info({ address: started.address }, 'listening');
  const signal = await stopped;
  logger.info({ signal }, 'closing');
  await started.close();
  logger.info('closed');
}

function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    let first: ReceivedSignal | undefined;
    const onSignal = (signal: NodeJS.Signals) => {
      const received = { signal, at: performance.now() };
      if (first !== undefined && !isEcho(first, received)) process.exit(1);
      first ??= received;
      resolve(signal);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

/** What a person reads who has just started the server, with the one line to try next. */
export function greeting(started: Omit<Started, 'close'>, config: Config): string {
  // Listening on all addresses is not an address one can call.
  const origin = started.address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
  const key = started.adminKey;
  const lines = [
    `dakkio is ready at ${origin}`,
    `Data is kept in ${resolve(config.dataDirectory)}`,
    '',
    `Open ${origin} in a browser, with the key, or create a bucket here:`,
    `  curl ${origin}/api/buckets -H 'X-API-Key: ${key ?? '<your Admin key>'}' \\`,
    `    -H 'Content-Type: application/json' -d '{"name":"home"}'`,
  ];
  return lines.join('\n') + '\n';
}
