/** Years of flushes and compactions in numbers only: how many segments live, and how often rows are written again. */
import t from 'tap';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../engine/base/time.js';
import { chooseSegments, type SegmentFacts } from '../../../engine/upkeep/choose.js';
import { countDays, partitionDays } from '../../../engine/upkeep/partitions.js';
import { Random, testSeed } from '../../support/random.js';
import { facts, type SourceSpan } from '../../support/segment-facts.js';

const START = Date.UTC(2024, 0, 1);

/** Segments of rows that a model of a head flushes. */
class Store {
  segments: SegmentFacts[] = [];
  flushed = 0;
  /** Segments that flushes made, at most. */
  flushSegmentsMax = 0;
  rewritten = 0;
  segmentsMax = 0;
  readonly #fieldCount: number;

  constructor(fieldCount: number) {
    this.#fieldCount = fieldCount;
  }

  /** Rows as times by source. */
  flush(rows: ReadonlyMap<number, readonly number[]>): void {
    const rowsByDay = new Map<number, number>();
    for (const times of rows.values()) countDays(Float64Array.from(times), rowsByDay);
    const partitions = partitionDays(rowsByDay);
    const spans: SourceSpan[][] = [];
    for (const [ordinal, times] of rows) {
      for (const time of times) {
        const partition = partitions.get(Math.floor(time / DAY_MS)) as number;
        spans[partition] ??= [];
        addSpan(spans[partition], { ordinal, rowCount: 1, minTime: time, maxTime: time });
      }
      this.flushed += times.length;
    }
    this.flushSegmentsMax = Math.max(this.flushSegmentsMax, spans.length);
    for (const some of spans) this.segments.push(this.#segment(some));
    this.compact();
  }

  compact(): void {
    for (
      let choice = chooseSegments(this.segments);
      choice !== undefined;
      choice = chooseSegments(this.segments)
    ) {
      const { positions } = choice;
      const spans = new Map<number, SourceSpan>();
      for (const position of positions) {
        const { table } = this.segments[position];
        for (let index = 0; index < table.ordinal.length; index++) {
          const ordinal = table.ordinal[index];
          const before = spans.get(ordinal);
          spans.set(ordinal, {
            ordinal,
            rowCount: table.rowCount[index] + (before?.rowCount ?? 0),
            minTime: Math.min(table.minTime[index], before?.minTime ?? Infinity),
            maxTime: Math.max(table.maxTime[index], before?.maxTime ?? -Infinity),
          });
        }
      }
      const merged = this.#segment([...spans.values()].sort((left, right) => left.ordinal - right.ordinal));
      this.rewritten += merged.rowCount;
      this.segments = this.segments.flatMap((segment, position) =>
        position === positions[0] ? [merged] : positions.includes(position) ? [] : [segment],
      );
    }
    this.segmentsMax = Math.max(this.segmentsMax, this.segments.length);
  }

  /** How often a row was written after its flush. */
  get amplification(): number {
    return this.rewritten / this.flushed;
  }

  /** Segments that a query of an hour of one source meets at most. */
  overlap(source: number): number {
    let most = 0;
    for (let hour = this.#minTime(); hour < this.#maxTime(); hour += HOUR_MS) {
      const met = this.segments.filter(({ table }) => {
        const index = table.ordinal.indexOf(source);
        return index >= 0 && table.minTime[index] < hour + HOUR_MS && table.maxTime[index] >= hour;
      });
      most = Math.max(most, met.length);
    }
    return most;
  }

  report(name: string): string {
    const many = `${this.segments.length} segments (${this.segmentsMax} at most)`;
    return `${name}: ${many}, a row is written again ${this.amplification.toFixed(2)} times`;
  }

  #minTime(): number {
    return Math.min(...this.segments.map(({ minTime }) => minTime));
  }

  #maxTime(): number {
    return Math.max(...this.segments.map(({ maxTime }) => maxTime));
  }

  /** Costs of a segment, of each source in it, and of values, as measured. */
  #segment(spans: readonly SourceSpan[]): SegmentFacts {
    const rowCount = spans.reduce((sum, span) => sum + span.rowCount, 0);
    return facts(spans, { bytes: 200 + spans.length * 60 + rowCount * this.#fieldCount * 1.2 });
  }
}

function addSpan(spans: SourceSpan[], span: SourceSpan): void {
  const last = spans.at(-1);
  if (last?.ordinal !== span.ordinal) spans.push(span);
  else {
    spans[spans.length - 1] = {
      ordinal: span.ordinal,
      rowCount: last.rowCount + span.rowCount,
      minTime: Math.min(last.minTime, span.minTime),
      maxTime: Math.max(last.maxTime, span.maxTime),
    };
  }
}

interface Stream {
  readonly sources: number;
  readonly days: number;
  readonly stepMs: number;
  /** Share of the rows that come late, by up to 30 days. */
  readonly lateShare: number;
  readonly random: Random;
}

/** A flush each 10 minutes; sources are a little out of step with one another. */
function live({ sources, days, stepMs, lateShare, random }: Stream): Store {
  const store = new Store(3);
  for (let from = START; from < START + days * DAY_MS; from += 10 * MINUTE_MS) {
    const rows = new Map<number, number[]>();
    for (let source = 0; source < sources; source++) {
      const times: number[] = [];
      for (let time = from + random.integer(stepMs); time < from + 10 * MINUTE_MS; time += stepMs) {
        times.push(random.next() < lateShare ? time - random.integer(30 * DAY_MS) : time);
      }
      rows.set(source, times);
    }
    store.flush(rows);
  }
  return store;
}

t.test('a live stream of sixty days', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const store = live({ sources: 5, days: 60, stepMs: 10_000, lateShare: 0, random: new Random(seed) });
  t.comment(store.report('live'));
  t.ok(store.segmentsMax <= 24, `${store.segmentsMax} segments at most`);
  t.ok(store.amplification < 8, `written again ${store.amplification} times`);
  t.ok(store.overlap(0) <= 5, `an hour is in ${store.overlap(0)} segments`);
  t.end();
});

t.test('the same with one in a hundred points late by up to a month', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const store = live({ sources: 5, days: 60, stepMs: 10_000, lateShare: 0.01, random: new Random(seed) });
  t.comment(store.report('late'));
  const overlap = store.overlap(0);
  t.comment(`an hour is in ${overlap} segments`);
  t.ok(store.flushSegmentsMax <= 4);
  t.ok(store.segmentsMax <= 40, `${store.segmentsMax} segments at most`);
  t.ok(store.amplification < 9, `written again ${store.amplification} times`);
  t.ok(overlap <= 20, `an hour is in ${overlap} segments`);
  t.end();
});

t.test('years imported source by source', t => {
  const store = new Store(1);
  const years = 12;
  // A head holds some years of one source, or what is left of one and the beginning of the next.
  const rowsOfHead = 4_000;
  let rows = new Map<number, number[]>();
  let count = 0;
  for (let source = 0; source < 200; source++) {
    for (let day = 0; day < years * 365; day++) {
      const times = rows.get(source);
      const time = START - years * 365 * DAY_MS + day * DAY_MS;
      if (times === undefined) rows.set(source, [time]);
      else times.push(time);
      if (++count < rowsOfHead) continue;
      store.flush(rows);
      rows = new Map();
      count = 0;
    }
  }
  t.comment(store.report('import'));
  t.ok(store.flushSegmentsMax <= 4);
  t.ok(store.segmentsMax <= 30, `${store.segmentsMax} segments at most`);
  t.ok(store.amplification < 6, `written again ${store.amplification} times`);
  t.ok(store.overlap(7) <= 5);
  t.end();
});

t.test('ten thousand sources', t => {
  const seed = testSeed();
  t.comment(`seed ${seed}`);
  const random = new Random(seed);
  const store = live({ sources: 10_000, days: 0.25, stepMs: 5 * MINUTE_MS, lateShare: 0.001, random });
  t.comment(store.report('many sources'));
  t.ok(store.segmentsMax <= 30, `${store.segmentsMax} segments at most`);
  t.ok(store.amplification < 6, `written again ${store.amplification} times`);
  t.end();
});
