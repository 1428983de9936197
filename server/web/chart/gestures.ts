/** What a pointer does on a plot becomes views: no more than one a frame. */
import type { View } from './model.js';
import { panned, zoomed } from './zoom.js';

export interface GestureTarget {
  /** What is looked at now. */
  view(): View;
  onView(view: View, isSettled: boolean): void;
  onReset(): void;
  /** Time under the pointer; null where it is gone. */
  onPoint(time: number | null): void;
  /** Pixels that are being selected; null where none are. */
  onSelect(pixels: { readonly left: number; readonly width: number } | null): void;
}

/** Of the wheel: it turns no more. */
const REST_MS = 140;
/** Less is moved by accident. */
const MOVED_PIXELS_MIN = 5;
/** A turn of one notch is about 100. */
const ZOOM_PER_WHEEL_PIXEL = 0.0025;
const LINE_PIXELS = 20;
/** A page that is being scrolled goes on scrolling, though a chart comes under the pointer. */
const SCROLLING_MS = 250;

let scrolledAt = -Infinity;

export class Gestures {
  readonly #over: HTMLElement;
  readonly #target: GestureTarget;
  readonly #listeners = new AbortController();
  /** Where each finger or button went down, and is. */
  readonly #pointers = new Map<number, { x: number }>();
  #mode: 'select' | 'pan' | undefined;
  #start = 0;
  /** One pointer went down, and is about where it was. */
  #isStill = false;
  /** Asked for, and not yet told. */
  #view: View | undefined;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(over: HTMLElement, target: GestureTarget) {
    this.#over = over;
    this.#target = target;
    const { signal } = this.#listeners;
    const on = <Name extends keyof HTMLElementEventMap>(
      name: Name,
      run: (event: HTMLElementEventMap[Name]) => void,
    ) => over.addEventListener(name, run, { signal, passive: false });
    on('pointerdown', event => this.#down(event));
    on('pointermove', event => this.#move(event));
    on('pointerup', event => this.#up(event));
    on('pointercancel', event => this.#cancel(event));
    on('pointerleave', event => {
      // A finger leaves whenever it is lifted: what it tapped stays to be read.
      if (event.pointerType !== 'touch') this.#target.onPoint(null);
    });
    on('wheel', event => this.#wheel(event));
    on('dblclick', () => this.#target.onReset());
    on('auxclick', event => event.preventDefault());
    document.addEventListener('wheel', event => this.#scrolled(event), { signal, passive: true });
  }

  destroy(): void {
    this.#listeners.abort();
    clearTimeout(this.#rest);
    cancelAnimationFrame(this.#frame);
  }

  /** Drops what was being selected. @returns whether there was anything */
  escape(): boolean {
    if (this.#mode !== 'select') return false;
    this.#mode = undefined;
    this.#pointers.clear();
    this.#target.onSelect(null);
    return true;
  }

  #scrolled(event: WheelEvent): void {
    if (!event.defaultPrevented) scrolledAt = event.timeStamp;
  }

  #down(event: PointerEvent): void {
    const isTouch = event.pointerType === 'touch';
    if (!isTouch && event.button > 1) return;
    if (event.button === 1) event.preventDefault();
    this.#over.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: this.#xOf(event) });
    this.#start = this.#xOf(event);
    this.#isStill = this.#pointers.size === 1;
    this.#mode = isTouch || event.shiftKey || event.button === 1 ? 'pan' : 'select';
  }

  #move(event: PointerEvent): void {
    const x = this.#xOf(event);
    const pointer = this.#pointers.get(event.pointerId);
    if (event.pointerType !== 'touch' || pointer === undefined) this.#target.onPoint(this.#timeAt(x));
    if (pointer === undefined || this.#mode === undefined) return;
    if (Math.abs(x - this.#start) >= MOVED_PIXELS_MIN) this.#isStill = false;
    if (this.#mode === 'select') {
      const left = Math.max(0, Math.min(x, this.#start));
      const right = Math.min(this.#over.clientWidth, Math.max(x, this.#start));
      this.#target.onSelect({ left, width: right - left });
      return;
    }
    if (!this.#isStill) this.#drag(pointer, x);
  }

  /** One finger moves the time that is under it; two also stretch what is between them. */
  #drag(pointer: { x: number }, x: number): void {
    const other = [...this.#pointers.values()].find(one => one !== pointer);
    if (other === undefined) {
      const moved = Math.round(pointer.x) - Math.round(x);
      if (moved !== 0) this.#want(panned(this.#current(), moved / this.#over.clientWidth));
    } else {
      const [before, after] = [Math.abs(pointer.x - other.x), Math.abs(x - other.x)];
      if (before > 1 && after > 1) {
        this.#want(zoomed(this.#current(), before / after, this.#timeAt(other.x)));
      }
    }
    pointer.x = x;
  }

  #up(event: PointerEvent): void {
    if (!this.#pointers.delete(event.pointerId)) return;
    if (this.#pointers.size > 0) return;
    const mode = this.#mode;
    this.#mode = undefined;
    if (mode === 'pan') {
      if (!this.#isStill) this.#settle();
      else if (event.pointerType === 'touch') this.#target.onPoint(this.#timeAt(this.#xOf(event)));
      return;
    }
    this.#target.onSelect(null);
    const times = [this.#start, this.#xOf(event)].map(x => {
      return this.#timeAt(Math.max(0, Math.min(this.#over.clientWidth, x)));
    });
    if (Math.abs(this.#start - this.#xOf(event)) < MOVED_PIXELS_MIN) return;
    const [from, to] = times.sort((left, right) => left - right);
    this.#target.onView(zoomed({ from, to }, 1, from), true);
  }

  #cancel(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    this.#target.onSelect(null);
    if (this.#mode === 'pan') this.#settle();
    this.#mode = undefined;
  }

  #wheel(event: WheelEvent): void {
    if (event.timeStamp - scrolledAt < SCROLLING_MS) return;
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PIXELS : 1;
    const across = (event.shiftKey ? event.deltaX || event.deltaY : event.deltaX) * pixels;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.#want(panned(this.#current(), Math.round(across) / this.#over.clientWidth));
    } else {
      const factor = Math.exp(event.deltaY * pixels * ZOOM_PER_WHEEL_PIXEL);
      this.#want(zoomed(this.#current(), factor, this.#timeAt(this.#xOf(event))));
    }
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => this.#settle(), REST_MS);
  }

  #want(view: View): void {
    this.#view = view;
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#tell(false));
  }

  #settle(): void {
    this.#view ??= this.#target.view();
    this.#tell(true);
  }

  #tell(isSettled: boolean): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const view = this.#view;
    this.#view = undefined;
    if (view !== undefined) this.#target.onView(view, isSettled);
  }

  #current(): View {
    return this.#view ?? this.#target.view();
  }

  #xOf(event: MouseEvent): number {
    return event.clientX - this.#over.getBoundingClientRect().left;
  }

  #timeAt(x: number): number {
    const { from, to } = this.#current();
    return from + ((to - from) * x) / this.#over.clientWidth;
  }
}
