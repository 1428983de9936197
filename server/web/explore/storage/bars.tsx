import { useState } from 'preact/hooks';
import { countText, timeText } from '../../base/format.js';
import { type Bar, markedBars, niceCeiling } from './hours.js';

/**
 * A few dozen bars need no canvas: elements take the theme by themselves, are as sharp as the screen is, and are told apart
 * by whoever points at them.
 */
export function Bars(props: {
  readonly name: string;
  readonly bars: readonly Bar[];
  readonly timezone: string;
}) {
  const { name, bars, timezone } = props;
  const [pointed, setPointed] = useState<number>();
  const highest = Math.max(0, ...bars.map(({ count }) => count));
  const top = niceCeiling(highest);
  const bar = pointed === undefined ? undefined : bars[pointed];
  const total = bars.reduce((sum, { count }) => sum + count, 0);
  const summary = `${name}: ${total} in all, at most ${highest}, from ${timeText(bars[0].from, timezone)} on`;
  return (
    <figure class="bars">
      <figcaption class="small">
        <span class="muted">{name}</span>
        <span>
          {bar === undefined
            ? `at most ${countText(highest)}`
            : `${timeText(bar.from, timezone).slice(0, 16)}: ${countText(bar.count)}`}
        </span>
      </figcaption>
      <div class="bars-area">
        <span class="bars-top small muted" aria-hidden="true">
          {countText(top)}
        </span>
        <div class="bars-row" role="img" aria-label={summary} onPointerLeave={() => setPointed(undefined)}>
          {bars.map(({ from, count }, index) => (
            <span key={from} onPointerEnter={() => setPointed(index)}>
              <span style={{ height: `${(100 * count) / top}%` }} />
            </span>
          ))}
        </div>
      </div>
      <div class="bars-times small muted" aria-hidden="true">
        {markedBars(bars).map(index => (
          <span key={index} style={{ left: `${(100 * index) / bars.length}%` }}>
            {markText(bars[index], timezone)}
          </span>
        ))}
        <span>now</span>
      </div>
    </figure>
  );
}

/** Without the year, and without the clock where a bar is a day. */
function markText({ from, to }: Bar, timezone: string): string {
  const text = timeText(from, timezone);
  return to - from >= DAY_MS ? text.slice(5, 10) : text.slice(5, 16);
}

const DAY_MS = 86_400_000;
