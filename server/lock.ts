/**
 * One process a data directory. The lock is a listening Unix socket, which the kernel takes back however the process
 * ends; a file that says "locked" would outlive a kill −9. Whoever asks is told the holder's pid over it.
 */
import { createHash } from 'node:crypto';
import { stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another process has the data directory. */
export class DirectoryLockedError extends Error {
  readonly code = 'DIRECTORY_LOCKED';
  readonly directory: string;
  /** Undefined where the holder did not answer. */
  readonly pid: number | undefined;

  constructor(directory: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`;
    super(`The data directory ${directory} is in use by ${holder}; stop that one first`);
    this.name = 'DirectoryLockedError';
    this.directory = directory;
    this.pid = pid;
  }
}

export interface DirectoryLock {
  release(): Promise<void>;
}

/** The kernel's limit is 108 bytes with the final zero on Linux, 104 elsewhere. */
const SOCKET_PATH_BYTES_MAX = 103;

/** A holder that is busy replaying may take a moment; one that is stopped never answers. */
const ANSWER_MS_MAX = 1_000;

/**
 * Takes a data directory, which must exist, for this process.
 *
 * On Linux two sockets are held: an abstract one, named by device and inode, which leaves nothing behind and which two
 * starting processes cannot both have; and a file in the directory, which is seen from other containers too, where
 * abstract names are not. Elsewhere it is the file alone.
 * @throws DirectoryLockedError (rejects); what the system says where the directory cannot be read.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const { dev, ino } = await stat(directory, { bigint: true });
  const identity = createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32);
  const held: Server[] = [];
  const release = async () => {
    for (const server of held) await new Promise(resolve => server.close(resolve));
  };
  try {
    if (process.platform === 'linux') {
      held.push(await hold(`\0dakkio-${identity}`, directory));
      const file = await holdFile(join(directory, 'lock'), directory);
      if (file !== undefined) held.push(file);
    } else {
      const path = join(directory, 'lock');
      const isShort = Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;
      held.push(await hold(isShort ? path : join(tmpdir(), `dakkio-${identity}`), directory));
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/** Undefined where this file system has no sockets, or the path is too long for one. */
async function holdFile(path: string, directory: string): Promise<Server | undefined> {
  if (Buffer.byteLength(path) > SOCKET_PATH_BYTES_MAX) return undefined;
  try {
    return await hold(path, directory);
  } catch (error) {
    if (error instanceof DirectoryLockedError) throw error;
    return undefined;
  }
}

async function hold(path: string, directory: string): Promise<Server> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await listenOn(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
    const holder = await askHolder(path);
    if (holder.isAlive || attempt === 3) throw new DirectoryLockedError(directory, holder.pid);
    // Nobody listens: what is left of a process that was killed.
    if (!path.startsWith('\0')) await unlink(path).catch(() => {});
  }
}

function listenOn(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => {
      socket.on('error', () => {});
      socket.end(String(process.pid));
    });
    server.once('error', reject);
    server.listen(path, () => resolve(server.unref()));
  });
}

function askHolder(path: string): Promise<{ isAlive: boolean; pid?: number }> {
  return new Promise(resolve => {
    let answer = '';
    const socket = connect(path);
    socket.setTimeout(ANSWER_MS_MAX, () => {
      socket.destroy();
      resolve({ isAlive: true });
    });
    socket.on('data', chunk => {
      answer += chunk.toString();
    });
    socket.on('end', () =>
      resolve({ isAlive: true, pid: /^\d+$/.test(answer) ? Number(answer) : undefined }),
    );
    socket.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ isAlive: error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT' });
    });
  });
}
