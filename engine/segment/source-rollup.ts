/** The rollup levels of a source while its segment is written: packed chunk by chunk, laid out level by level. */
import type { FieldType } from '../batch.js';
import { ColumnRollup, type RollupLevel, rollupLevels } from '../rollup/build.js';
import { encodeFigures } from '../rollup/figures.js';
import { CHUNK_WINDOWS_MAX, chooseLevels, LEVEL_WIDTHS_MS } from '../rollup/levels.js';
import { encodeWindows, sliceWindows } from '../rollup/windows.js';
import type { WrittenLevel } from './directory.js';
import type { Output } from './output.js';
import type { SegmentSource } from './writer.js';

export class SourceRollup {
  readonly #source: SegmentSource;
  readonly #levels: readonly RollupLevel[];
  /** Packed figures by level, column and chunk; an empty list of a column without rollups. */
  readonly #figures: Uint8Array[][][];

  private constructor(source: SegmentSource, levels: readonly RollupLevel[]) {
    this.#source = source;
    this.#levels = levels;
    this.#figures = levels.map(() => source.columns.map(() => []));
  }

  /** undefined where no level is worth having. `windowCounts` are those of every level. */
  static of(source: SegmentSource, rowCount: number, windowCounts: Float64Array): SourceRollup | undefined {
    const codes = chooseLevels(rowCount, windowCounts);
    if (codes.length === 0) return undefined;
    return new SourceRollup(
      source,
      rollupLevels(() => source.keys(), codes, windowCounts),
    );
  }

  get finestWindowCount(): number {
    return this.#levels[0].windows.starts.length;
  }

  /** Takes the values of a column; its figures are kept packed until `write`. */
  column(index: number, type: FieldType): ColumnRollup {
    return new ColumnRollup(
      type,
      this.#levels,
      () => this.#source.keys(),
      (level, figures, windows) => this.#figures[level][index].push(encodeFigures(figures, type, windows)),
    );
  }

  async write(output: Output): Promise<WrittenLevel[]> {
    const written: WrittenLevel[] = [];
    for (const [level, { code, windows }] of this.#levels.entries()) {
      const { starts } = windows;
      const keys: { firstStart: number; lastStart: number; keysLength: number }[] = [];
      for (let from = 0; from < starts.length; from += CHUNK_WINDOWS_MAX) {
        const chunk = sliceWindows(windows, from, Math.min(starts.length, from + CHUNK_WINDOWS_MAX));
        const { length } = output.add(encodeWindows(chunk, LEVEL_WIDTHS_MS[code]));
        const lastStart = chunk.starts[chunk.starts.length - 1];
        keys.push({ firstStart: chunk.starts[0], lastStart, keysLength: length });
      }
      const figures = this.#figures[level];
      for (const blocks of figures) {
        for (const block of blocks) output.add(block);
        if (output.isFull) await output.flush();
      }
      const chunks = keys.map((key, chunk) => ({
        ...key,
        figuresLengths: figures.map(blocks => blocks[chunk]?.length ?? 0),
      }));
      written.push({ code, windowCount: starts.length, chunks });
    }
    return written;
  }
}
