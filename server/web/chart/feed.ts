/** Keeps a picture of what is looked at: one question at a time, the newest view next. */
import type { View } from './model.js';
import { expectedPoints, type Picture, reachOf, spliced, trimmed } from './picture.js';
import {
  covers,
  isAligned,
  isSamePlan,
  missingOf,
  type Plan,
  planFor,
  rangeFor,
  type Screen,
} from './plan.js';

export interface FeedOptions {
  ask(plan: Plan, range: View, signal: AbortSignal): Promise<Picture>;
  /** A picture is there, of a view that may be over. */
  onPicture(picture: Picture): void;
  onFailure(error: unknown): void;
}

interface Question {
  readonly plan: Plan;
  readonly range: View;
  readonly abort: AbortController;
  readonly since: number;
}

/** An answer that takes longer is not waited for where something else is wanted by now. */
const PATIENCE_MS = 300;
/** Pictures that one may come back to. */
const KEPT_MAX = 8;

export class Feed {
  readonly #options: FeedOptions;
  #picture: Picture | undefined;
  /** The latest last, the one that is shown among them. */
  #kept: Picture[] = [];
  #asked: Question | undefined;
  #view: View | undefined;
  #screen: Screen | undefined;
  /** The view in which there are more points than were expected. */
  #crowded: View | undefined;
  /** Answered points in it may be old. */
  #stale: View | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get picture(): Picture | undefined {
    return this.#picture;
  }

  get isAsking(): boolean {
    return this.#asked !== undefined;
  }

  want(view: View, screen: Screen): void {
    this.#view = view;
    this.#screen = screen;
    this.#work();
  }

  /** Live points were put into the picture. */
  amend(picture: Picture): void {
    this.#show(picture);
  }

  /** Asks again for a part of what is shown. What else was kept of it is dropped. */
  renew(range: View): void {
    this.#kept = this.#kept.filter(one => one === this.#picture || !overlap(one.range, range));
    this.#stale =
      this.#stale === undefined
        ? range
        : { from: Math.min(this.#stale.from, range.from), to: Math.max(this.#stale.to, range.to) };
    this.#work();
  }

  /** Forgets everything but the view. */
  reset(): void {
    this.#asked?.abort.abort();
    this.#asked = undefined;
    this.#picture = undefined;
    this.#kept = [];
    this.#stale = undefined;
    this.#crowded = undefined;
    this.#work();
  }

  close(): void {
    this.#asked?.abort.abort();
    this.#asked = undefined;
    this.#view = undefined;
  }

  #work(): void {
    if (this.#view === undefined || this.#screen === undefined || this.#screen.width <= 0) return;
    const next = this.#next(this.#view, this.#screen);
    if (this.#asked !== undefined) {
      const { plan, range, since, abort } = this.#asked;
      const isOfUse = next === undefined || (isSamePlan(plan, next.plan) && overlap(range, this.#view));
      if (isOfUse || performance.now() - since < PATIENCE_MS) return;
      abort.abort();
      this.#asked = undefined;
    }
    if (next !== undefined) void this.#ask(next.plan, next.range);
  }

  /** What is to be asked now; undefined where all is there. */
  #next(view: View, screen: Screen): { plan: Plan; range: View } | undefined {
    const plan = this.#planOf(view, screen);
    const kept = this.#kept.findLast(one => isSamePlan(one.plan, plan) && covers(one.range, view));
    if (kept === undefined) return { plan, range: this.#rangeOf(view, plan) };
    if (kept !== this.#picture) this.#show(kept);
    const stale = this.#stale;
    if (stale === undefined) return undefined;
    this.#stale = undefined;
    return overlap(stale, kept.range) ? { plan: kept.plan, range: this.#partOf(kept, stale) } : undefined;
  }

  #planOf(view: View, screen: Screen): Plan {
    const picture = this.#picture;
    const isCrowded = this.#crowded !== undefined && covers(view, this.#crowded);
    const expected = picture && !isCrowded ? expectedPoints(picture, view) : undefined;
    return planFor(view, screen, expected, picture?.plan.kind === 'raw');
  }

  #rangeOf(view: View, plan: Plan): View {
    const picture = this.#picture;
    const range = rangeFor(view, plan, picture && reachOf(picture, view));
    const isOne = picture !== undefined && isSamePlan(picture.plan, plan) && isDivisible(plan);
    return (isOne && missingOf(picture.range, range)) || range;
  }

  #partOf({ plan, range }: Picture, stale: View): View {
    if (!isDivisible(plan)) return range;
    const step = plan.kind === 'groups' ? plan.interval.milliseconds : 1;
    return {
      from: Math.max(range.from, Math.floor(stale.from / step) * step),
      to: Math.min(range.to, Math.ceil(stale.to / step) * step),
    };
  }

  async #ask(plan: Plan, range: View): Promise<void> {
    const question = { plan, range, abort: new AbortController(), since: performance.now() };
    this.#asked = question;
    try {
      const picture = await this.#options.ask(plan, range, question.abort.signal);
      if (this.#asked !== question) return;
      this.#asked = undefined;
      this.#take(picture);
    } catch (error) {
      if (this.#asked !== question) return;
      this.#asked = undefined;
      this.#options.onFailure(error);
    }
  }

  #take(answer: Picture): void {
    if (answer.plan.kind === 'raw' && answer.isCut) this.#crowded = this.#view;
    else {
      const shown = this.#picture;
      const isPart =
        shown !== undefined &&
        isSamePlan(shown.plan, answer.plan) &&
        isDivisible(answer.plan) &&
        touch(shown.range, answer.range);
      this.#show(isPart ? trimmed(spliced(shown, answer), this.#view as View) : answer);
    }
    this.#work();
  }

  /** What was shown may be come back to, unless this is more of the same. */
  #show(picture: Picture): void {
    const before = this.#picture;
    const isMore = before !== undefined && isSamePlan(before.plan, picture.plan);
    const others = this.#kept.filter(one => one !== picture && !(isMore && one === before));
    this.#kept = [...others, picture].slice(-KEPT_MAX);
    this.#picture = picture;
    this.#options.onPicture(picture);
  }
}

/** Whether a part of a picture may be asked for and put into it. */
function isDivisible(plan: Plan): boolean {
  return plan.kind === 'raw' || (plan.kind === 'groups' && isAligned(plan));
}

function overlap(left: View, right: View): boolean {
  return left.from < right.to && right.from < left.to;
}

function touch(left: View, right: View): boolean {
  return left.from <= right.to && right.from <= left.to;
}
