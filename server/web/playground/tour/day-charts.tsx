/** The day that was queried: averages as lines, what lay between the extremes as bands. One cursor over both. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { valueText } from '../../base/format.js';
import { theme } from '../../base/theme.js';
import type { Curve, DayColumns } from './run.js';

const HEIGHT_PX = 160;
const CHARTS = [
  { field: 'temperature', unit: '°C', colour: '--series-1' },
  { field: 'humidity', unit: '%', colour: '--series-3' },
] as const;

export function DayCharts({ day }: { readonly day: DayColumns }) {
  return (
    <section class="day-charts" aria-label="The day">
      {CHARTS.map(chart => (
        <DayChart key={chart.field} {...chart} times={day.timestamps} curve={day.values[chart.field]} />
      ))}
      <p class="muted small">avg with min and max, 15 min, {day.timestamps.length} groups, UTC</p>
    </section>
  );
}

interface Props {
  readonly field: string;
  readonly unit: string;
  /** A custom property. */
  readonly colour: string;
  readonly times: readonly number[];
  readonly curve: Curve;
}

function DayChart({ field, unit, colour, times, curve }: Props) {
  const place = useRef<HTMLDivElement>(null);
  // The drawing does not follow the style sheet: it is made anew.
  const shownTheme = theme.value;
  useEffect(() => {
    const target = place.current as HTMLDivElement;
    const data = [times, curve.avg, curve.min, curve.max].map(column => [...column]) as uPlot.AlignedData;
    const plot = new uPlot(optionsOf(target, unit, colour), data, target);
    const observer = new ResizeObserver(() => plot.setSize({ width: target.clientWidth, height: HEIGHT_PX }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [times, curve, unit, colour, shownTheme]);
  const last = curve.avg[curve.avg.length - 1];
  return (
    <figure>
      <figcaption>
        <span>
          {field} <span class="muted">{unit}</span>
        </span>
        <span class="figure">{valueText(Math.round(last * 10) / 10)}</span>
      </figcaption>
      <div ref={place} class="chart" role="img" aria-label={summary(field, unit, curve)} />
    </figure>
  );
}

function summary(field: string, unit: string, { min, max }: Curve): string {
  return `${field} over a day, from ${Math.min(...min)} to ${Math.max(...max)} ${unit}`;
}

function optionsOf(target: HTMLElement, unit: string, colour: string): uPlot.Options {
  const style = getComputedStyle(target);
  const stroke = coloured(target, colour);
  const muted = coloured(target, '--foreground-muted');
  const axis = {
    stroke: muted,
    font: `12px ${style.fontFamily}`,
    grid: { stroke: coloured(target, '--border'), width: 0.5 },
    ticks: { show: false },
  };
  const edge = { width: 0, points: { show: false } };
  return {
    width: target.clientWidth,
    height: HEIGHT_PX,
    ms: 1,
    tzDate: time => uPlot.tzDate(new Date(time), 'Etc/UTC'),
    legend: { show: false },
    cursor: { sync: { key: 'tour' }, drag: { x: false, y: false }, y: false },
    axes: [
      {
        ...axis,
        size: 24,
        space: 64,
        values: (_, times) => times.map(time => new Date(time).toISOString().slice(11, 16)),
      },
      { ...axis, size: 56, values: (_, values) => values.map(value => `${value} ${unit}`) },
    ],
    series: [{}, { stroke, width: 1.5, points: { show: false } }, edge, edge],
    bands: [{ series: [3, 2], fill: `color-mix(in srgb, ${stroke} 15%, transparent)` }],
  };
}

/** A custom property may be of two colours: what it is now is known of an element that has it. */
function coloured(target: HTMLElement, property: string): string {
  target.style.color = `var(${property})`;
  const { color } = getComputedStyle(target);
  target.style.color = '';
  return color;
}
