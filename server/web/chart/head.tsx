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
  // What a group ranges over is said of a few lines, where there is room for it.
  const hasRange = engine?.isNarrow.value !== true && series.length <= RANGES_MAX;
  return (
    <div class="chart-head">
      {title !== '' && <h3 title={title}>{title}</h3>}
      {/* Last values are always there, so that nothing moves when others take their place. Where there is room they stand
          at the ends of the lines, and are hidden here. */}
      <div class={readings === null ? 'chart-readings at-rest' : 'chart-readings'}>
        <span class="chart-time">
          {time === undefined ? 'Last values' : <time>{timeText(Math.round(time), timezone)}</time>}
          {time !== undefined && firingText(firings, time)}
        </span>
        {series.map((one, line) => {
          const decimals = engine?.decimalsOf(line);
          const text =
            readings === null
              ? picture && lastText(extentOf(picture.lines[line], picture, view)?.last, one.unit, decimals)
              : readingOf(readings[line], one.unit, decimals, hasRange);
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

const RANGES_MAX = 3;

function lastText(last: number | undefined, unit: string | undefined, decimals: number | undefined): string {
  return last === undefined ? 'no points' : readingText(last, unit, decimals);
}

/** `22.4 °C`, of a group with what it ranges over: `22.4 °C (21–23.5)` */
function readingOf(
  reading: Reading | undefined,
  unit: string | undefined,
  decimals: number | undefined,
  hasRange: boolean,
): string {
  if (reading === undefined) return '–';
  const { value, low, high } = reading;
  const text = readingText(value, unit, decimals);
  if (!hasRange || low === undefined || high === undefined || low === high) return text;
  return `${text} (${readingText(low, undefined)} … ${readingText(high, undefined)})`;
}

function firingText(firings: readonly Firing[], time: number) {
  const firing = firings.find(({ from, to }) => time >= from && (to === null || time < to));
  return firing === undefined ? null : <span class="chart-firing">▲ {firing.label}</span>;
}
