/**
 * Summaries of one source's groups, from whatever says enough with the least reading: windows of the rollup index,
 * summaries of blocks, and rows only at the ragged ends. Each place is folded on its own: sums and extremes do not
 * mind the order, and first and last values are told by their times.
 */
import { METADATA_COLUMN } from '../head/head.js';
import type { HeadView } from '../head/view.js';
import { BLOCK_ROWS_MAX } from '../limits.js';
import { ALL_FIGURES, COUNT, FIRST, type FigureSet, LAST } from '../rollup/figures.js';
import type { SegmentPart } from '../segment/reader.js';
import type { SummaryChunk, SummaryRequest } from '../storage.js';
import type { FieldAccumulator } from './accumulator.js';
import { type GroupEdges, groupEdges } from './calendar.js';
import { foldHead } from './fold-head.js';
import { foldSegment } from './fold-segment.js';
import { GroupFold } from './group-fold.js';
import {
  CoverPlanner,
  clipTable,
  type GroupTable,
  groupTable,
  type PlaceFacts,
  planPlace,
  rowsTellOrder,
  type SourcePlan,
} from './plan.js';
import type { PieceChunk } from './scan.js';

/** Where a source has rows: in the part of a segment, or in a head. */
export interface FoldPlace {
  readonly facts: PlaceFacts;
  readonly part?: SegmentPart;
  readonly view?: HeadView;
}

export interface FoldSource {
  readonly source: number;
  readonly places: readonly FoldPlace[];
  /** The source's rows of a range with one field, merged. */
  scan(startTime: number, endTime: number, field: string): Iterable<PieceChunk>;
}

export function segmentPlace(part: SegmentPart): FoldPlace {
  const { segment, index } = part;
  const { rowCount, firstRow, lastRow, minTime, maxTime } = segment.table;
  return {
    part,
    facts: {
      name: segment.path.slice(segment.path.lastIndexOf('/') + 1),
      rowCount: rowCount[index],
      firstRow: firstRow[index],
      lastRow: lastRow[index],
      minTime: minTime[index],
      maxTime: maxTime[index],
      levels: segment.directory(index).levels,
    },
  };
}

export function headPlace(view: HeadView): FoldPlace {
  const { rowCount, firstRow, minTime, maxTime } = view.data;
  const lastRow = firstRow + rowCount - 1;
  return { view, facts: { name: 'head', rowCount, firstRow, lastRow, minTime, maxTime, levels: [] } };
}

/** One request, over one source after another. */
export class SummaryFolder {
  readonly #startTime: number;
  readonly #endTime: number;
  readonly #fields: ReadonlySet<string> | undefined;
  readonly #figures: FigureSet;
  readonly #edges: GroupEdges;
  /** Start of the one group, where there is one over all. */
  readonly #all: number | undefined;
  #table: { readonly groups: GroupTable; readonly end: number; readonly planner: CoverPlanner } | undefined;

  constructor({ startTime, endTime, fields, figures, groups }: Omit<SummaryRequest, 'sources'>) {
    this.#startTime = startTime;
    this.#endTime = endTime;
    this.#fields = fields === undefined ? undefined : new Set(fields);
    this.#figures = figures ?? ALL_FIGURES | COUNT;
    this.#edges = groupEdges(groups, startTime);
    this.#all = groups.unit === 'all' ? startTime : undefined;
  }

  /** Gives what is complete so far, and undefined after each piece of work that gave nothing. */
  *fold(source: FoldSource): Generator<SummaryChunk | undefined> {
    const places = this.#placesOf(source);
    for (let from = this.#nextTime(places, -Infinity); from < this.#endTime; ) {
      const { groups, end, planner } = this.#tableFrom(from);
      const chunk = yield* this.#foldTable(source, places, groups, planner);
      if (chunk !== undefined) yield chunk;
      from = this.#nextTime(places, end);
    }
  }

  /** How the first groups of a source would be read, up to TABLE_GROUPS_MAX. */
  plan(source: FoldSource): SourcePlan {
    const places = this.#placesOf(source);
    const from = this.#nextTime(places, -Infinity);
    if (!(from < this.#endTime)) return { source: source.source, places: [] };
    const { groups, planner } = this.#tableFrom(from);
    const plans = places.map(({ facts }) =>
      planPlace(facts, planner.coverOf(facts), groups.edges, BLOCK_ROWS_MAX),
    );
    return { source: source.source, places: plans };
  }

  /** In the order of their first rows. */
  #placesOf({ places }: FoldSource): FoldPlace[] {
    return places
      .filter(({ facts }) => facts.maxTime >= this.#startTime && facts.minTime < this.#endTime)
      .sort((left, right) => left.facts.firstRow - right.facts.firstRow);
  }

  /** The first time from `reached` on that a place may have a row at. */
  #nextTime(places: readonly FoldPlace[], reached: number): number {
    let next = Infinity;
    for (const { facts } of places) {
      if (facts.maxTime >= reached) next = Math.min(next, Math.max(facts.minTime, reached, this.#startTime));
    }
    return next;
  }

  /** The groups from the one that holds `from` on. Sources mostly have the same. */
  #tableFrom(from: number) {
    const known = this.#table;
    if (known !== undefined && known.groups.edges[0] <= from && from < known.end) return known;
    const groups = groupTable(this.#edges, from, this.#endTime, this.#all);
    const end = groups.edges[groups.edges.length - 1];
    const planner = new CoverPlanner(groups.edges, this.#startTime, Math.min(this.#endTime, end));
    this.#table = { groups, end, planner };
    return this.#table;
  }

  *#foldTable(
    source: FoldSource,
    places: readonly FoldPlace[],
    table: GroupTable,
    planner: CoverPlanner,
  ): Generator<undefined, SummaryChunk | undefined> {
    const first = Math.max(this.#startTime, table.edges[0]);
    const last = Math.min(this.#endTime, table.edges[table.edges.length - 1]) - 1;
    const taking = places.filter(({ facts }) => facts.maxTime >= first && facts.minTime <= last);
    if (taking.length === 0) return undefined;
    const minTime = taking.reduce((least, { facts }) => Math.min(least, facts.minTime), Infinity);
    const maxTime = taking.reduce((most, { facts }) => Math.max(most, facts.maxTime), -Infinity);
    const groups = clipTable(table, Math.max(first, minTime), Math.min(last, maxTime));
    const hasTies =
      (this.#figures & (FIRST | LAST)) !== 0 && !rowsTellOrder(taking.map(({ facts }) => facts));
    const newFold = () => new GroupFold(source.source, groups.edges, this.#fields, this.#figures, hasTies);
    const workOn = ({ facts, part, view }: FoldPlace, fold: GroupFold) =>
      part !== undefined
        ? foldSegment(part, planner.coverOf(facts), fold)
        : foldHead(view as HeadView, first, last + 1, fold);
    if (this.#figures === LAST && groups.starts.length === 1) {
      const latest = taking.reduce((most, place) =>
        place.facts.maxTime > most.facts.maxTime ? place : most,
      );
      const fold = newFold();
      for (const _ of workOn(latest, fold)) yield undefined;
      const others = taking.filter(place => place !== latest);
      if (others.every(place => isPassedOver(place, fold, first, last))) {
        for (const { facts } of others) fold.rowCounts[0] += facts.rowCount;
        return fold.finish(groups.starts);
      }
    }
    const fold = newFold();
    for (const place of taking) {
      fold.turnToNextPlace();
      for (const _ of workOn(place, fold)) yield undefined;
    }
    if (hasTies) for (const accumulator of fold.accumulators()) settleTies(source, accumulator);
    return fold.finish(groups.starts);
  }
}

/**
 * Whether a place is wholly in the range, and all its rows are before the last value of each of its fields: then it
 * has no part in what is last.
 */
function isPassedOver(
  { facts, part, view }: FoldPlace,
  fold: GroupFold,
  first: number,
  last: number,
): boolean {
  if (facts.minTime < first || facts.maxTime > last) return false;
  const columns = part?.segment.fieldsOf(part.index) ?? view?.data.columns ?? [];
  return columns.every(({ name, type }) => {
    const accumulator = name === METADATA_COLUMN ? undefined : fold.field(name, type);
    return accumulator === undefined || accumulator.lastTimeOf(0) > facts.maxTime;
  });
}

/** Reads the rows of the one millisecond that two places have rows of. */
function settleTies({ scan }: FoldSource, accumulator: FieldAccumulator): void {
  for (const { group, end, time } of accumulator.ties()) {
    let isSettled = false;
    for (const { columns } of scan(time, time + 1, accumulator.name)) {
      const column = columns.find(({ name }) => name === accumulator.name);
      for (let row = 0; row < (column?.values.length ?? 0); row++) {
        const value = column!.values[row];
        if (Number.isNaN(value) || (end === FIRST && isSettled)) continue;
        accumulator.setEnd(group, end, value, column!.dictionary);
        isSettled = true;
      }
    }
  }
}
