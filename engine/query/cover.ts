/**
 * How a range of groups is read: which stretches of time from windows of which rollup level, and which from blocks. A
 * pure function of edges and widths: everything that lies in one place follows from it.
 */

/** In the place of a level: blocks, folded whole by their summaries or read row by row. */
export const BLOCKS = -1;

/** Stretches that follow one another without gaps, ascending. */
export interface Cover {
  readonly length: number;
  /** Milliseconds; the end is exclusive. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Index into the widths, or BLOCKS. */
  readonly levels: Int8Array;
}

/**
 * A coarser level is read beside a finer one only where it has this many windows on end: fewer are folded faster
 * than another level is looked up.
 */
const COARSE_WINDOWS_MIN = 4;

/**
 * @param edges where groups begin, ascending, and where the last of them ends; infinite where there is no bound
 * @param from rows before it are not wanted (−Infinity: there are none)
 * @param to rows from it on are not wanted (Infinity: there are none)
 * @param widths of the levels there are, finest first; windows begin at multiples of their width
 */
export function coverOf(edges: Float64Array, from: number, to: number, widths: readonly number[]): Cover {
  const cover = new CoverBuilder();
  const groupCount = edges.length - 1;
  if (widths.length === 0 || !(edges[1] - edges[0] >= widths[0])) {
    // Groups of a calendar differ little: where one is shorter than the finest window, none is worth a look.
    cover.add(Math.max(edges[0], from), Math.min(edges[groupCount], to), BLOCKS);
    return cover.finish();
  }
  for (let group = 0; group < groupCount; group++) {
    const start = Math.max(edges[group], from);
    const end = Math.min(edges[group + 1], to);
    if (start < end) coverRange(cover, start, end, widths, widths.length - 1, false);
  }
  return cover.finish();
}

/** @param isBeside whether a part of the same group is read from a coarser level */
function coverRange(
  cover: CoverBuilder,
  start: number,
  end: number,
  widths: readonly number[],
  coarsest: number,
  isBeside: boolean,
): void {
  for (let level = coarsest; level >= 0; level--) {
    const width = widths[level];
    const first = Math.ceil(start / width) * width;
    const last = Math.floor(end / width) * width;
    if (first >= last) continue;
    const isWhole = first === start && last === end;
    if (!isWhole && !isBeside && level > 0 && last - first < COARSE_WINDOWS_MIN * width) continue;
    if (start < first) coverRange(cover, start, first, widths, level - 1, true);
    cover.add(first, last, level);
    if (last < end) coverRange(cover, last, end, widths, level - 1, true);
    return;
  }
  cover.add(start, end, BLOCKS);
}

class CoverBuilder {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #levels: number[] = [];

  /** Joined with the stretch before where that is of the same level: windows know which group they are in. */
  add(start: number, end: number, level: number): void {
    if (!(start < end)) return;
    const last = this.#levels.length - 1;
    if (last >= 0 && this.#levels[last] === level && this.#ends[last] === start) {
      this.#ends[last] = end;
      return;
    }
    this.#starts.push(start);
    this.#ends.push(end);
    this.#levels.push(level);
  }

  finish(): Cover {
    return {
      length: this.#levels.length,
      starts: Float64Array.from(this.#starts),
      ends: Float64Array.from(this.#ends),
      levels: Int8Array.from(this.#levels),
    };
  }
}
