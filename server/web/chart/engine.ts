/** Between the page and the canvas: asks for what is looked at, and draws it once a frame. */
import { effect, signal } from '@preact/signals';
import type { Api } from '../base/api.js';
import type { RawPoint } from '../base/types.js';
import { csvOf } from './csv.js';
import { Feed } from './feed.js';
import { Gestures } from './gestures.js';
import { arrived } from './live.js';
import type { Drawing, Firing, LiveFeed, Series, SharedCursor, Threshold, View } from './model.js';
import { Overlay } from './overlay.js';
import type { Picture } from './picture.js';
import { covers, rawPointsMax, type Screen } from './plan.js';
import { Plot } from './plot.js';
import { pngOf } from './png.js';
import { type Reading, readingsAt } from './readings.js';
import { askCount, askPicture } from './request.js';
import { extentOf, madeOf, madeText, readingText } from './texts.js';

/** What the page asks for. */
export interface Wish {
  readonly api: Api;
  readonly title: string;
  readonly series: readonly Series[];
  readonly view: View;
  readonly drawing: Drawing;
  readonly timezone: string;
  readonly thresholds: readonly Threshold[];
  readonly firings: readonly Firing[];
  readonly height: number;
  readonly cursor: SharedCursor;
  readonly live?: LiveFeed;
  readonly theme: string;
  readonly onView: (view: View, isSettled: boolean) => void;
  readonly onReset: () => void;
}

/** Points that arrive are drawn as they come; what the server makes of them is asked for as often as this. */
const RENEWAL_MS = 1_000;
/** Without a stream nobody tells that there are new points. */
const OLD_MS = 2_000;

export class Engine {
  /** What is drawn; undefined before the first answer. */
  readonly picture = signal<Picture | undefined>(undefined);
  /** How it was made. */
  readonly made = signal('');
  readonly failure = signal<unknown>(undefined);
  /** At the cursor; null where there is none. */
  readonly readings = signal<readonly (Reading | undefined)[] | null>(null);
  readonly isNarrow = signal(false);

  readonly #box: HTMLElement;
  readonly #feed: Feed;
  readonly #size: ResizeObserver;
  readonly #stops: (() => void)[] = [];
  #wish: Wish;
  #width: number;
  #plot: Plot | undefined;
  #overlay: Overlay | undefined;
  #gestures: Gestures | undefined;
  #frame = 0;
  #askedAt = 0;
  #counted: { readonly view: View; readonly points: number } | undefined;
  #unlisten: (() => void) | undefined;
  #waiting: RawPoint[] = [];
  #changed: View | undefined;
  #untilChanged: (() => void)[] = [];
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(box: HTMLElement, wish: Wish) {
    this.#box = box;
    this.#wish = wish;
    this.#width = box.clientWidth;
    this.#feed = new Feed({
      ask: (plan, range, abort) => {
        this.#askedAt = Date.now();
        const { api, series } = this.#wish;
        return askPicture(api, series, plan, range, rawPointsMax(this.#screen()), abort);
      },
      onPicture: () => {
        this.failure.value = undefined;
        this.#schedule();
        this.#tellWaiting();
      },
      onFailure: error => {
        this.failure.value = error;
        this.#tellBusy();
        this.#tellWaiting();
      },
    });
    this.#size = new ResizeObserver(() => this.#resized());
    this.#size.observe(box);
    this.#begin(undefined);
  }

  update(wish: Wish): void {
    const before = this.#wish;
    this.#wish = wish;
    const isOther = wish.api !== before.api || JSON.stringify(wish.series) !== JSON.stringify(before.series);
    this.#begin(before, isOther);
  }

  get wish(): Wish {
    return this.#wish;
  }

  /** At most, of what a line says; undefined where all that it has are its own. */
  decimalsOf(line: number): number | undefined {
    return this.#plot?.decimalsOf(line);
  }

  /** @throws (rejects) why there is nothing to save */
  async csv(): Promise<string> {
    const picture = await this.#whole();
    const { series, view } = this.#wish;
    return csvOf(series, picture, view);
  }

  /** @throws (rejects) why there is nothing to save */
  async png(): Promise<Blob> {
    await this.#whole();
    this.#draw();
    // uPlot draws when the task that asked for it is over.
    await Promise.resolve();
    const { series, view, title } = this.#wish;
    const [plot, picture, made] = [this.#plot, this.#feed.picture, this.made.value];
    if (plot === undefined || picture === undefined) throw new Error('Nothing is drawn yet');
    const legend = series.map(({ label, unit, colour }, line) => {
      const last = extentOf(picture.lines[line], picture, view)?.last;
      const value = last === undefined ? 'no points' : readingText(last, unit, plot.decimalsOf(line));
      return { text: `${label} ${value}`, colour: plot.colours.series[colour - 1] };
    });
    return pngOf({
      canvas: plot.canvas,
      colours: plot.colours,
      title,
      legend: plot.hasEndLabels ? [] : legend,
      made,
    });
  }

  refresh(): void {
    this.failure.value = undefined;
    this.#counted = undefined;
    this.#feed.renew(this.#feed.picture?.range ?? this.#wish.view);
  }

  destroy(): void {
    this.#feed.close();
    this.#size.disconnect();
    this.#unlisten?.();
    for (const stop of this.#stops) stop();
    this.#gestures?.destroy();
    this.#plot?.destroy();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#renewal);
  }

  /** The picture, once all of what is looked at is in it. @throws (rejects) why it is not */
  async #whole(): Promise<Picture> {
    for (;;) {
      const picture = this.#feed.picture;
      if (picture !== undefined && covers(picture.range, this.#wish.view)) return picture;
      if (!this.#feed.isAsking) throw this.failure.peek() ?? new Error('Nothing is drawn yet');
      await new Promise<void>(resolve => this.#untilChanged.push(resolve));
    }
  }

  #tellWaiting(): void {
    for (const tell of this.#untilChanged.splice(0)) tell();
  }

  /** Whatever differs from before is done anew. */
  #begin(before: Wish | undefined, isOther = true): void {
    const { live, cursor, theme } = this.#wish;
    if (before !== undefined && !isOther && isSame(this.#wish, before)) return;
    if (isOther && before !== undefined) {
      this.#feed.reset();
      this.picture.value = undefined;
    }
    if (isOther || theme !== before?.theme) this.#unplot();
    if (live !== before?.live) {
      this.#unlisten?.();
      this.#unlisten = live?.subscribe(point => this.#arrive(point));
    }
    if (cursor !== before?.cursor) {
      for (const stop of this.#stops.splice(0)) stop();
      this.#stops.push(effect(() => this.#point(cursor.value)));
    }
    this.#want();
    this.#schedule();
  }

  #want(): void {
    const { view, live } = this.#wish;
    if (this.#width <= 0) return;
    const now = Date.now();
    const range = this.#feed.picture?.range;
    const isOld = live === undefined && now - this.#askedAt > OLD_MS && view.to > this.#askedAt;
    if (isOld && range !== undefined && covers(range, view))
      this.#feed.renew({ from: this.#askedAt - OLD_MS, to: range.to });
    this.#feed.want(view, this.#screen());
  }

  #screen(): Screen {
    const { drawing, timezone } = this.#wish;
    // Before the first picture there is no plot: with its axes it is as wide as this.
    const width = this.#plot?.width || this.#width;
    return { width, pixelRatio: devicePixelRatio, drawing, timezone };
  }

  #resized(): void {
    const width = this.#box.clientWidth;
    if (width === this.#width) return;
    this.#width = width;
    this.#want();
    this.#schedule();
  }

  #schedule(): void {
    if (this.#frame !== 0) return;
    this.#box.setAttribute('aria-busy', 'true');
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }

  #draw(): void {
    const { series, thresholds, firings, timezone, view, height } = this.#wish;
    const picture = this.#feed.picture;
    if (picture === undefined || this.#width <= 0) return;
    const width = this.#width;
    const options = { series, thresholds, firings, timezone, view, picture, width, height };
    if (this.#plot === undefined) this.#makePlot(new Plot(this.#box, options));
    else this.#plot.draw(options);
    this.isNarrow.value = !this.#plot?.hasEndLabels;
    this.picture.value = picture;
    this.#tellMade(picture);
    this.#point(this.#wish.cursor.peek());
    this.#tellBusy();
  }

  #tellMade(picture: Picture): void {
    const { series, view } = this.#wish;
    const made = madeOf(picture, series, view);
    const { view: countedView, points: counted } = this.#counted ?? {};
    const isCounted = countedView?.from === view.from && countedView.to === view.to;
    this.made.value = madeText(picture, {
      ...made,
      points: made.points ?? (isCounted ? counted : undefined),
    });
  }

  #makePlot(plot: Plot): void {
    const { series } = this.#wish;
    this.#plot = plot;
    this.#overlay = new Overlay(
      plot,
      series.map(({ colour }) => plot.colours.series[colour - 1]),
    );
    this.#gestures = new Gestures(plot.over, {
      view: () => this.#wish.view,
      onView: (view, isSettled) => this.#wish.onView(view, isSettled),
      onReset: () => this.#wish.onReset(),
      onPoint: time => {
        this.#wish.cursor.value = time;
      },
      onSelect: pixels => this.#overlay?.select(pixels),
    });
    // Now it is known how wide the plot is without its axes.
    this.#want();
  }

  #unplot(): void {
    this.#gestures?.destroy();
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#overlay = undefined;
  }

  /** @returns whether something was given up */
  escape(): boolean {
    return this.#gestures?.escape() ?? false;
  }

  #point(time: number | null): void {
    const picture = this.#feed.picture;
    const { view } = this.#wish;
    const isIn = time !== null && time >= view.from && time < view.to;
    const readings = isIn && picture !== undefined ? readingsAt(picture, time, view) : null;
    this.readings.value = readings;
    this.#overlay?.point(isIn ? time : null, readings ?? []);
  }

  /** Whether what is drawn is not yet what is looked at. */
  #tellBusy(): void {
    const isBusy = this.#frame !== 0 || this.#feed.isAsking;
    this.#box.setAttribute('aria-busy', String(isBusy));
    if (!isBusy && this.#feed.picture?.plan.kind === 'm4') void this.#count();
  }

  /** How many points there are where only those are asked for that make a difference. */
  async #count(): Promise<void> {
    const { api, series, view } = this.#wish;
    const { view: before } = this.#counted ?? {};
    if (before?.from === view.from && before.to === view.to) return;
    try {
      const points = await askCount(api, series, view, new AbortController().signal);
      this.#counted = { view, points };
      if (view === this.#wish.view) this.#schedule();
    } catch {
      // The line does without: what is drawn is right.
    }
  }

  #arrive(point: RawPoint): void {
    if (!this.#wish.series.some(({ dataSourceId }) => dataSourceId === point.dataSourceId)) return;
    this.#waiting.push(point);
    if (this.#waiting.length === 1) requestAnimationFrame(() => this.#takeArrived());
  }

  #takeArrived(): void {
    const points = this.#waiting;
    this.#waiting = [];
    const picture = this.#feed.picture;
    const change = picture && arrived(picture, this.#wish.series, points);
    if (change === undefined) return;
    this.#feed.amend(change.picture);
    const { from, to } = change.range;
    this.#changed = {
      from: Math.min(from, this.#changed?.from ?? Infinity),
      to: Math.max(to, this.#changed?.to ?? -Infinity),
    };
    this.#renewal ??= setTimeout(() => this.#renew(), RENEWAL_MS);
  }

  #renew(): void {
    this.#renewal = undefined;
    const changed = this.#changed;
    this.#changed = undefined;
    if (changed !== undefined) this.#feed.renew(changed);
  }
}

/** But for what is called back, which is anew each time. */
function isSame(left: Wish, right: Wish): boolean {
  const names = [
    'view',
    'drawing',
    'timezone',
    'title',
    'thresholds',
    'firings',
    'height',
    'cursor',
    'live',
    'theme',
  ] as const;
  return names.every(name => left[name] === right[name]);
}
