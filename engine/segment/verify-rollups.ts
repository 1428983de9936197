/** Reads the rollups of a source and compares them, bit by bit, with what its rows say. */
import { METADATA_COLUMN } from '../head/head.js';
import { ColumnRollup, type RollupLevel, rollupLevels } from '../rollup/build.js';
import { ALL_FIGURES, type Figures } from '../rollup/figures.js';
import { CHUNK_WINDOWS_MAX, LEVEL_WIDTHS_MS, WindowCounter } from '../rollup/levels.js';
import { sliceWindows, type Windows } from '../rollup/windows.js';
import type { Directory } from './directory.js';
import { SegmentCorruptError, type SegmentReader } from './reader.js';

/**
 * Damages go through `collect`: that of one block says nothing of another. Where the rows themselves are damaged, which
 * others report, rollups are only read.
 */
export function verifyRollups(
  reader: SegmentReader,
  index: number,
  directory: Directory,
  collect: (check: () => void) => void,
): void {
  if (directory.levels.length === 0) return;
  const levels = undamaged(() => levelsOfRows(reader, index, directory));
  const offset = reader.table.directoryOffset[index];
  const counted = levels?.every(
    ({ windows }, level) => windows.starts.length === directory.levels[level].windowCount,
  );
  collect(() =>
    expect(reader, offset, counted ?? true, 'the directory counts other windows than the rows have'),
  );
  if (counted === false) return;
  forEachChunk(directory, (level, chunk) =>
    collect(() => {
      const stored = reader.windows(index, directory, level, chunk);
      if (levels === undefined) return;
      const { keys, firstStart, lastStart, windowCount } = directory.levels[level].chunks[chunk];
      const from = chunk * CHUNK_WINDOWS_MAX;
      const actual = sliceWindows(levels[level].windows, from, from + windowCount);
      expect(reader, keys.offset, areSame(stored, actual), 'windows differ from the rows');
      const spans = stored.starts[0] === firstStart && stored.starts[windowCount - 1] === lastStart;
      expect(reader, keys.offset, spans, 'the directory says other windows than their block');
    }),
  );
  for (const [column, { name }] of directory.columns.entries()) {
    if (name === METADATA_COLUMN) continue;
    const actual = undamaged(() => levels && figuresOfRows(reader, index, directory, column, levels));
    forEachChunk(directory, (level, chunk) =>
      collect(() => {
        const stored = reader.figures(index, directory, level, chunk, column, ALL_FIGURES);
        if (actual === undefined) return;
        const { offset } = directory.levels[level].chunks[chunk].figures[column];
        expect(reader, offset, areSame(stored, actual[level][chunk]), 'figures differ from the values');
      }),
    );
  }
}

function forEachChunk(directory: Directory, check: (level: number, chunk: number) => void): void {
  for (const [level, { chunks }] of directory.levels.entries())
    for (let chunk = 0; chunk < chunks.length; chunk++) check(level, chunk);
}

function levelsOfRows(reader: SegmentReader, index: number, directory: Directory): RollupLevel[] {
  const codes = directory.levels.map(({ widthMs }) => LEVEL_WIDTHS_MS.indexOf(widthMs));
  const counter = new WindowCounter();
  for (const { timestamps } of keysOf(reader, index, directory)) counter.add(timestamps);
  return rollupLevels(() => keysOf(reader, index, directory), codes, counter.counts);
}

/** By level and chunk. */
function figuresOfRows(
  reader: SegmentReader,
  index: number,
  directory: Directory,
  column: number,
  levels: readonly RollupLevel[],
): Figures[][] {
  const figures: Figures[][] = levels.map(() => []);
  const rollup = new ColumnRollup(
    directory.columns[column].type,
    levels,
    () => keysOf(reader, index, directory),
    (level, chunk) => figures[level].push(copyOf(chunk)),
  );
  for (let group = 0; group < directory.groupCount; group++) {
    const block = reader.values(index, directory, column, group);
    const none = () => new Float64Array(reader.rowsOf(index, group)).fill(Number.NaN);
    rollup.add(block?.values ?? none(), block?.dictionary);
  }
  rollup.finish();
  return figures;
}

function copyOf(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures)
      .filter(([, values]) => values !== undefined)
      .map(([name, values]) => [name, values.slice()]),
  );
}

function* keysOf(
  reader: SegmentReader,
  index: number,
  directory: Directory,
): Generator<{ timestamps: Float64Array }> {
  for (let group = 0; group < directory.groupCount; group++)
    yield { timestamps: reader.times(index, directory, group) };
}

/** Columns and dictionaries of the same names hold the same, and doubles the same bits. */
function areSame(left: Windows | Figures, right: Windows | Figures): boolean {
  const one = new Map(Object.entries(left).filter(([, values]) => values !== undefined));
  const other = new Map(Object.entries(right).filter(([, values]) => values !== undefined));
  if (one.size !== other.size) return false;
  for (const [name, values] of one) {
    const others = other.get(name);
    if (others === undefined || others.length !== values.length) return false;
    for (let index = 0; index < values.length; index++)
      if (!Object.is(values[index], others[index])) return false;
  }
  return true;
}

function undamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SegmentCorruptError) return undefined;
    throw error;
  }
}

function expect(reader: SegmentReader, offset: number, holds: boolean, otherwise: string): void {
  if (!holds) throw new SegmentCorruptError(reader.path, offset, otherwise);
}
