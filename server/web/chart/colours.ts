/** Colours of the stylesheet as a canvas takes them. */

export interface Colours {
  readonly background: string;
  readonly foreground: string;
  readonly muted: string;
  readonly grid: string;
  readonly warn: string;
  readonly bad: string;
  readonly series: readonly string[];
  readonly font: string;
}

const SERIES_COUNT = 8;

/** As they are in an element's place. */
export function coloursIn(element: HTMLElement): Colours {
  const probe = document.createElement('span');
  element.append(probe);
  // What a variable holds is resolved only where it is used.
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    background: colour('background'),
    foreground: colour('foreground'),
    muted: colour('foreground-muted'),
    grid: colour('border'),
    warn: colour('warn'),
    bad: colour('bad'),
    series: Array.from({ length: SERIES_COUNT }, (_, index) => colour(`series-${index + 1}`)),
    font: getComputedStyle(probe).fontFamily,
  };
  probe.remove();
  return colours;
}

/** @param colour `rgb(…)` or `color(srgb …)` */
export function translucent(colour: string, opacity: number): string {
  return `color-mix(in srgb, ${colour} ${opacity * 100}%, transparent)`;
}
