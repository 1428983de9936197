/** Files of the pages as the build has left them, each read once. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface Asset {
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly gzipped: Uint8Array;
  /** A strong validator: of the bytes. */
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** No dots but the last, no slashes: nothing outside the directory has such a name. */
const NAME = /^[\w-]+\.(html|css|js|svg)$/;

export class Assets {
  /** A URL that ends in a slash. */
  readonly #directory: URL;
  readonly #read = new Map<string, Promise<Asset | undefined>>();

  constructor(directory: URL) {
    this.#directory = directory;
  }

  /** Undefined where there is no such file. */
  find(name: string): Promise<Asset | undefined> {
    const [, extension] = NAME.exec(name) ?? [];
    if (extension === undefined) return Promise.resolve(undefined);
    const known = this.#read.get(name);
    if (known !== undefined) return known;
    const asset = readAsset(new URL(name, this.#directory), CONTENT_TYPES[extension]);
    this.#read.set(name, asset);
    // Names that are not there are without number, and one that could not be read may be so the next time.
    const forget = () => this.#read.delete(name);
    asset.then(found => found ?? forget(), forget);
    return asset;
  }
}

async function readAsset(file: URL, contentType: string): Promise<Asset | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const gzipped = await promisify(gzip)(bytes);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { contentType, bytes, gzipped, etag };
}
