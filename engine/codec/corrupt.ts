/** A block's bytes are not what an encoder wrote: its checksum is wrong, or what it says is impossible. */
export class BlockCorruptError extends Error {
  readonly code = 'BLOCK_CORRUPT';

  constructor(message: string) {
    super(message);
    this.name = 'BlockCorruptError';
  }
}
