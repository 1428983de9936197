/** What moves over the plot without it being drawn again: the cursor, and what is being selected. */
import type { Plot } from './plot.js';
import type { Reading } from './readings.js';

export class Overlay {
  readonly #line = element('chart-cursor');
  readonly #selection = element('chart-selection');
  readonly #dots: HTMLElement[];
  readonly #plot: Plot;

  constructor(plot: Plot, colours: readonly string[]) {
    this.#plot = plot;
    this.#dots = colours.map(colour => {
      const dot = element('chart-dot');
      dot.style.background = colour;
      return dot;
    });
    plot.over.append(this.#selection, this.#line, ...this.#dots);
    this.select(null);
    this.point(null, []);
  }

  point(time: number | null, readings: readonly (Reading | undefined)[]): void {
    const left = time === null ? -1 : this.#plot.positionOf(time);
    const isIn = left >= 0 && left <= this.#plot.width;
    this.#line.hidden = !isIn;
    if (isIn) this.#line.style.transform = `translateX(${left}px)`;
    for (const [line, dot] of this.#dots.entries()) {
      const reading = isIn ? readings[line] : undefined;
      dot.hidden = reading === undefined;
      if (reading === undefined) continue;
      const [x, y] = [this.#plot.positionOf(reading.time), this.#plot.heightOf(reading.value, line)];
      dot.style.transform = `translate(${x}px, ${y}px)`;
    }
  }

  select(pixels: { readonly left: number; readonly width: number } | null): void {
    this.#selection.hidden = pixels === null;
    if (pixels === null) return;
    this.#selection.style.left = `${pixels.left}px`;
    this.#selection.style.width = `${pixels.width}px`;
  }
}

function element(name: string): HTMLElement {
  const made = document.createElement('div');
  made.className = name;
  return made;
}
