/** Above the plot: its title, and what the lines say at the cursor, or last. */
import { timeText } from '../base/format.js';
import type { Engine } from './engine.js';
import type { Firing, Series, View } from './model.js';
import type { Reading } from './readings.js';
import { extentOf, readingText } from './texts.js';

export function ChartHead(props: {
  readonly title: string;
  readonly series: readonly Series[];
  readonly view: View;
  readonly timezone: string;
  readonly firings: readonly Firing[];
  readonly engine: Engine | undefined;
}) {
  const { title, series, view, timezone, firings, engine } = props;
  const readings = engine?.readings.value ?? null;
  const picture = engine?.picture.value;
  const time = readings?.find(reading => reading !== undefined)?.time;
  // Where there is room the last values stand at the ends of the lines.
  const hasLast = readings === null && engine?.isNarrow.value === true && picture !== undefined;
  return (
    <div class="chart-head">
      {title !== '' && <h3>{title}</h3>}
      <div class="chart-readings">
        {time !== undefined && <time>{timeText(Math.round(time), timezone)}</time>}
        {time !== undefined && firingText(firings, time)}
        {series.map((one, line) => {
          const text = hasLast
            ? lastText(extentOf(picture.lines[line], picture, view)?.last, one.unit)
            : readings !== null && readingOf(readings[line], one.unit);
          if (text === false) return null;
          return (
            <span key={`${one.dataSourceId} ${one.field}`} class="chart-reading">
              <i style={{ background: `var(--series-${one.colour})` }} />
              <span>{one.label}</span> <b>{text}</b>
            </span>
          );
        })}
      </div>
    </div>
  );
}

function lastText(last: number | undefined, unit: string | undefined): string {
  return last === undefined ? 'no points' : readingText(last, unit);
}

/** `22.4 °C`, of a group with what it ranges over: `22.4 °C (21–23.5)` */
function readingOf(reading: Reading | undefined, unit: string | undefined): string {
  if (reading === undefined) return '–';
  const { value, low, high } = reading;
  const text = readingText(value, unit);
  if (low === undefined || high === undefined || low === high) return text;
  return `${text} (${readingText(low, undefined)} … ${readingText(high, undefined)})`;
}

function firingText(firings: readonly Firing[], time: number) {
  const firing = firings.find(({ from, to }) => time >= from && (to === null || time < to));
  return firing === undefined ? null : <span class="chart-firing">▲ {firing.label}</span>;
}
