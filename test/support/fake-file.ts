import type { Random } from './random.js';

export const SECTOR_BYTES = 512;

/** One sector that memory and disk may not agree on. */
interface Sector {
  /** What the disk surely holds; undefined where it was never written. */
  disk: Uint8Array | undefined;
  /** What memory held after each write since the last sync, oldest first. Empty: a failed sync gave the sector up. */
  readonly versions: Uint8Array[];
}

/**
 * The bytes of one file of the fake disk: what reads see, and for each sector written since the last sync every
 * version that a power cut may find on the disk.
 */
export class FakeFile {
  #bytes = new Uint8Array(SECTOR_BYTES);
  #size = 0;
  #diskSize = 0;
  /** Sizes the file had since the last sync, oldest first. */
  #sizes: number[] = [];
  readonly #sectors = new Map<number, Sector>();

  static holding(bytes: Uint8Array): FakeFile {
    const file = new FakeFile();
    file.write(bytes, 0);
    file.sync();
    return file;
  }

  get size(): number {
    return this.#size;
  }

  read(into: Uint8Array, position: number): number {
    const found = this.#bytes.subarray(position, Math.max(position, this.#size)).subarray(0, into.length);
    into.set(found);
    return found.length;
  }

  snapshot(): Uint8Array {
    return this.#bytes.slice(0, this.#size);
  }

  write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (bytes.length === 0) return;
    const first = Math.floor(Math.min(position, this.#size) / SECTOR_BYTES);
    this.#reserve(end);
    this.#change(first, Math.ceil(end / SECTOR_BYTES), () => this.#bytes.set(bytes, position));
    // A write past the size the disk knows brings the size with it, even one that repeats lost bytes.
    if (end > this.#diskSize || end > this.#size) this.#resize(Math.max(end, this.#size));
  }

  truncate(size: number): void {
    this.#reserve(size);
    const from = Math.min(size, this.#size);
    const first = Math.floor(from / SECTOR_BYTES);
    const last = Math.ceil(this.#size / SECTOR_BYTES);
    if (size < this.#size) this.#change(first, last, () => this.#bytes.fill(0, size, this.#size));
    this.#resize(size);
  }

  /** Everything written so far is on the disk. What an earlier failed sync gave up stays lost. */
  sync(): void {
    for (const [index, sector] of this.#sectors) {
      if (sector.versions.length > 0) this.#sectors.delete(index);
    }
    if (this.#sizes.length > 0) this.#diskSize = this.#size;
    this.#sizes = [];
  }

  /**
   * What Linux does when a sync fails: some sectors got through, the others are dropped, and all count as clean.
   * Reads go on seeing them until the power goes; another sync would succeed and bring nothing back.
   */
  failSync(random: Random): void {
    for (const [index, sector] of this.#sectors) {
      const latest = sector.versions.at(-1);
      if (latest === undefined) continue;
      sector.disk = random.pick([sector.disk, ...sector.versions]);
      sector.versions.length = 0;
      if (sector.disk === latest) this.#sectors.delete(index);
    }
    this.#diskSize = random.pick([this.#diskSize, ...this.#sizes]);
    this.#sizes = [];
  }

  /**
   * The file as found after a power cut: each sector has any version since the last sync, independently of the
   * others, and so has the size. Sectors that were never written are zeros, or `stale` bytes of removed files.
   */
  afterCrash(random: Random, stale: readonly Uint8Array[]): FakeFile {
    // Half the crashes are all or nothing: mixtures alone would hardly ever keep or lose a long write whole.
    const keepChance = random.pick([0, 1, random.next(), random.next()]);
    const staleChance = stale.length > 0 ? random.pick([0, 0, 0, random.next()]) : 0;
    const bytes = new Uint8Array(this.#bytes.length);
    bytes.set(this.#bytes.subarray(0, this.#size));
    for (const [index, sector] of this.#sectors) {
      let found = sector.disk;
      if (sector.versions.length > 0 && random.next() < keepChance) {
        found = random.next() < 0.5 ? sector.versions.at(-1) : random.pick(sector.versions);
      }
      if (found === undefined && random.next() < staleChance) found = random.pick(stale);
      bytes.set(found ?? new Uint8Array(SECTOR_BYTES), index * SECTOR_BYTES);
    }
    return FakeFile.holding(bytes.subarray(0, this.#sizeAfterCrash(random, keepChance)));
  }

  /** Sectors of a file that goes away: what a later file may find in its place. */
  sectors(): Uint8Array[] {
    const sectors: Uint8Array[] = [];
    for (let at = 0; at < this.#size; at += SECTOR_BYTES)
      sectors.push(this.#bytes.slice(at, at + SECTOR_BYTES));
    return sectors;
  }

  /** Inverts the bits of `mask` in one byte, in memory and on the disk alike. */
  corrupt(offset: number, mask: number): void {
    this.#bytes[offset] ^= mask;
    const sector = this.#sectors.get(Math.floor(offset / SECTOR_BYTES));
    if (sector === undefined) return;
    for (const version of [sector.disk, ...sector.versions]) {
      if (version !== undefined) version[offset % SECTOR_BYTES] ^= mask;
    }
  }

  #sizeAfterCrash(random: Random, keepChance: number): number {
    if (random.next() >= keepChance) return this.#diskSize;
    const size =
      random.next() < 0.5
        ? (this.#sizes.at(-1) ?? this.#diskSize)
        : random.pick([this.#diskSize, ...this.#sizes]);
    if (size <= this.#diskSize || random.next() < 0.7) return size;
    // The size grows as sectors arrive, so a long write may be found cut between any two of them.
    const sectors = Math.floor((size - this.#diskSize) / SECTOR_BYTES);
    return size - random.integer(sectors + 1) * SECTOR_BYTES;
  }

  #change(firstSector: number, endSector: number, change: () => void): void {
    for (let index = firstSector; index < endSector; index++) {
      if (this.#sectors.has(index)) continue;
      const isOnDisk = index * SECTOR_BYTES < this.#diskSize;
      this.#sectors.set(index, { disk: isOnDisk ? this.#sectorAt(index) : undefined, versions: [] });
    }
    change();
    for (let index = firstSector; index < endSector; index++) {
      this.#sectors.get(index)!.versions.push(this.#sectorAt(index));
    }
  }

  #sectorAt(index: number): Uint8Array {
    return this.#bytes.slice(index * SECTOR_BYTES, (index + 1) * SECTOR_BYTES);
  }

  #resize(size: number): void {
    this.#size = size;
    this.#sizes.push(size);
  }

  #reserve(size: number): void {
    const capacity = Math.ceil(size / SECTOR_BYTES) * SECTOR_BYTES;
    if (capacity <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(capacity, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
