/** The canvas: lines, axes, and what is marked on them. It draws when it is told to. */
import uPlot from 'uplot';
import { type Colours, coloursIn, translucent } from './colours.js';
import { placeLabels } from './labels.js';
import {
  drawEndLabels,
  drawFirings,
  drawThresholds,
  endLabelWidth,
  type Ground,
  LABEL_HEIGHT,
  textFont,
} from './marks.js';
import type { Firing, Series, Threshold, View } from './model.js';
import type { Picture } from './picture.js';
import { COLUMNS_PER_LINE, tableOf } from './table.js';
import { extentOf, readingText } from './texts.js';
import { fittingTexts, stepOn, tickTexts, tickTimes } from './ticks.js';
import { averageDecimals, boundsOf, markTexts } from './vertical.js';

export interface PlotOptions {
  readonly series: readonly Series[];
  readonly thresholds: readonly Threshold[];
  readonly firings: readonly Firing[];
  readonly timezone: string;
  readonly view: View;
  readonly picture: Picture | undefined;
  readonly width: number;
  readonly height: number;
}

const TEXT = '12px';
const MARK_SPACE = 36;
const DOT_SIZE = 5;
const DOT_SPACE = 12;
const BAND_OPACITY = 0.15;
/** Where a plot is narrower, names of lines would take too much of it. */
const END_LABELS_WIDTH_MIN = 560;
const END_LABEL_WIDTH_MAX = 160;

export class Plot {
  readonly #plot: uPlot;
  readonly #colours: Colours;
  #options: PlotOptions;
  #shown: Picture | undefined;
  #labelWidth = 0;
  /** Of each scale, as long as the same is drawn. */
  readonly #decimals = new Map<string, number>();

  constructor(target: HTMLElement, options: PlotOptions) {
    this.#options = options;
    this.#colours = coloursIn(target);
    this.#labelWidth = this.#wantedLabelWidth();
    this.#shown = options.picture;
    this.#plot = new uPlot(this.#uplotOptions(), this.#table(), target);
  }

  /** Over the plot, without the axes: here is what the pointer does. */
  get over(): HTMLElement {
    return this.#plot.over;
  }

  get canvas(): HTMLCanvasElement {
    return this.#plot.ctx.canvas;
  }

  /** Of the plot without axes, in pixels of CSS. */
  get width(): number {
    return this.#plot.over.clientWidth;
  }

  /** Of the next series' label, whether there are labels at the ends of lines. */
  get hasEndLabels(): boolean {
    return this.#options.width >= END_LABELS_WIDTH_MIN;
  }

  get colours(): Colours {
    return this.#colours;
  }

  /** Everything at once: call it once a frame. */
  draw(options: PlotOptions): void {
    const { width, height, picture, view } = options;
    const isOtherRest = (['timezone', 'thresholds', 'firings'] as const).some(
      name => options[name] !== this.#options[name],
    );
    const isOtherSize = width !== this.#options.width || height !== this.#options.height;
    this.#options = options;
    this.#decimals.clear();
    const labelWidth = this.#wantedLabelWidth();
    // It does not shrink: the plot would move with every digit.
    const isOtherLayout = labelWidth > this.#labelWidth;
    if (isOtherLayout) this.#labelWidth = labelWidth;
    this.#plot.batch(() => {
      if (picture !== this.#shown) this.#plot.setData(this.#table(), false);
      this.#shown = picture;
      if (isOtherSize) this.#plot.setSize({ width, height });
      this.#plot.setScale('x', { min: view.from, max: view.to });
      // What uPlot knows nothing of: it does nothing where the view and the picture are the same.
      if (isOtherRest || isOtherLayout) this.#plot.redraw(isOtherRest, true);
    });
  }

  /** At most, of what a line says; undefined where its points have been averaged by nobody. */
  decimalsOf(line: number): number | undefined {
    if (this.#options.picture?.plan.kind !== 'groups') return undefined;
    const scale = this.#scaleOf(line);
    let decimals = this.#decimals.get(scale);
    if (decimals === undefined) {
      const [least, greatest] = this.#boundsOf(scale);
      decimals = averageDecimals({ least: least ?? 0, greatest: greatest ?? 1 });
      this.#decimals.set(scale, decimals);
    }
    return decimals;
  }

  /** Pixels of CSS from the left of the plot. */
  positionOf(time: number): number {
    return this.#plot.valToPos(time, 'x');
  }

  heightOf(value: number, line: number): number {
    return this.#plot.valToPos(value, this.#scaleOf(line));
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #table(): uPlot.AlignedData {
    const { picture, series } = this.#options;
    const table = picture === undefined ? [[], ...series.flatMap(() => [[], [], []])] : tableOf(picture);
    return table as uPlot.AlignedData;
  }

  /** Lines of one unit share an axis; what has another one goes by the axis on the right. */
  #scaleOf(line: number): 'y' | 'other' {
    const { series } = this.#options;
    return (series[line].unit ?? '') === (series[0].unit ?? '') ? 'y' : 'other';
  }

  #uplotOptions(): uPlot.Options {
    const { width, height, series } = this.#options;
    const hasOther = series.some((_, line) => this.#scaleOf(line) === 'other');
    return {
      width,
      height,
      ms: 1,
      padding: [12, () => (this.hasEndLabels ? this.#labelWidth + 16 : 12), 0, 0],
      legend: { show: false },
      cursor: { show: false },
      select: { show: false, left: 0, top: 0, width: 0, height: 0 },
      scales: {
        x: { time: false, range: () => [this.#options.view.from, this.#options.view.to] },
        y: { range: () => this.#boundsOf('y') },
        ...(hasOther && { other: { range: () => this.#boundsOf('other') } }),
      },
      axes: [this.#timeAxis(), this.#valueAxis('y', 3), ...(hasOther ? [this.#valueAxis('other', 1)] : [])],
      series: [{}, ...series.flatMap((one, line) => this.#columnsOf(one, line))],
      bands: series.map(({ colour }, line) => ({
        series: [line * COLUMNS_PER_LINE + 2, line * COLUMNS_PER_LINE + 3],
        fill: translucent(this.#colours.series[colour - 1], BAND_OPACITY),
      })),
      hooks: { drawAxes: [() => this.#drawBelow()], draw: [() => this.#drawAbove()] },
    };
  }

  #boundsOf(scale: 'y' | 'other'): uPlot.Range.MinMax {
    const { picture, view, thresholds } = this.#options;
    const lines = picture?.lines.filter((_, line) => this.#scaleOf(line) === scale) ?? [];
    const values = scale === 'y' ? thresholds.map(({ value }) => value) : [];
    const bounds = picture && boundsOf({ lines, plan: picture.plan }, view, values);
    if (bounds !== undefined) return [bounds.least, bounds.greatest];
    const { min, max } = this.#plot?.scales[scale] ?? {};
    return [min ?? 0, max ?? 1];
  }

  #columnsOf({ colour }: Series, line: number): uPlot.Series[] {
    const stroke = this.#colours.series[colour - 1];
    const column = { scale: this.#scaleOf(line), auto: false, stroke };
    const edge = { ...column, width: 0, points: { show: false } };
    return [{ ...column, width: 1.5, points: this.#dots(stroke) }, edge, edge];
  }

  /** Points are seen as such where there is room; those that no line goes to always are. */
  #dots(stroke: string): uPlot.Series.Points {
    return {
      size: DOT_SIZE,
      width: 1,
      stroke,
      fill: stroke,
      show: (_plot, _column, first, last) => {
        const isRaw = this.#options.picture?.plan.kind !== 'groups';
        return isRaw && last - first <= this.width / DOT_SPACE;
      },
      filter: (plot, column, show) => {
        if (show) return null;
        const values = plot.data[column];
        const [first, last] = plot.series[0].idxs ?? [0, -1];
        const alone: number[] = [];
        for (let index = first; index <= last; index++) {
          if (
            typeof values[index] === 'number' &&
            isBroken(values, index, -1) &&
            isBroken(values, index, 1)
          ) {
            alone.push(index);
          }
        }
        return alone;
      },
    };
  }

  #timeAxis(): uPlot.Axis {
    const step = ({ width }: uPlot, min: number, max: number) => stepOn(max - min, width);
    return {
      ...this.#axis(),
      size: 40,
      gap: 4,
      splits: (plot, _axis, min, max) => tickTimes(min, max, step(plot, min, max), this.#options.timezone),
      values: (plot, splits) => {
        const { min = 0, max = 0 } = plot.scales.x;
        const texts = (times: readonly number[]) =>
          tickTexts(times, step(plot, min, max), this.#options.timezone);
        return fittingTexts(splits, texts, (time, text) => this.#isCut(plot, time, text));
      },
    };
  }

  /** Whether a text below a time would be cut off at an edge of the canvas. */
  #isCut({ bbox, width, scales }: uPlot, time: number, text: string): boolean {
    const { min = 0, max = 0 } = scales.x;
    const [left, inner] = [bbox.left / uPlot.pxRatio, bbox.width / uPlot.pxRatio];
    const middle = left + (inner * (time - min)) / (max - min);
    const context = measuring();
    context.font = `${TEXT} ${this.#colours.font}`;
    const widths = text.split('\n').map(line => context.measureText(line).width);
    const half = Math.max(...widths) / 2;
    return middle - half < 0 || middle + half > width;
  }

  #valueAxis(scale: 'y' | 'other', side: 1 | 3): uPlot.Axis {
    const { series } = this.#options;
    const unit = series.find((_, line) => this.#scaleOf(line) === scale)?.unit;
    return {
      ...this.#axis(),
      scale,
      side,
      grid: { show: scale === 'y', stroke: this.#colours.grid, width: 1 },
      gap: 8,
      size: (plot, texts) => {
        plot.ctx.font = `12px ${this.#colours.font}`;
        const widths = (texts ?? []).map(text => plot.ctx.measureText(text).width);
        // In steps, so that the plot does not move with every digit.
        return Math.ceil((Math.max(16, ...widths) + 12) / 12) * 12;
      },
      space: MARK_SPACE,
      values: (_plot, splits) => markTexts(splits, unit),
    };
  }

  #axis(): uPlot.Axis {
    const { muted, grid, font } = this.#colours;
    return {
      stroke: muted,
      font: `${TEXT} ${font}`,
      ticks: { show: false },
      grid: { stroke: grid, width: 1 },
    };
  }

  #ground(): Ground {
    const { ctx, bbox } = this.#plot;
    return {
      context: ctx,
      pixelRatio: uPlot.pxRatio,
      ...bbox,
      colours: this.#colours,
      x: time => this.#plot.valToPos(time, 'x', true),
      y: value => this.#plot.valToPos(value, 'y', true),
    };
  }

  #drawBelow(): void {
    const { ctx } = this.#plot;
    ctx.save();
    drawFirings(this.#ground(), this.#options.firings, Date.now());
    ctx.restore();
  }

  #drawAbove(): void {
    const { ctx } = this.#plot;
    ctx.save();
    drawThresholds(this.#ground(), this.#options.thresholds);
    if (this.hasEndLabels) this.#drawEndLabels();
    ctx.restore();
  }

  #drawEndLabels(): void {
    const ground = this.#ground();
    const { pixelRatio, left, width, top, height } = ground;
    const labels = this.#endLabels().map(({ line, last, ...label }) => ({
      ...label,
      y: this.#plot.valToPos(last, this.#scaleOf(line), true),
    }));
    const room = { top, bottom: top + height };
    const places = placeLabels(
      labels.map(({ y }) => y),
      LABEL_HEIGHT * pixelRatio,
      room,
    );
    // The axis of another unit lies between.
    const axis = this.#plot.axes[2] as (uPlot.Axis & { _size?: number }) | undefined;
    const x = left + width + (8 + (axis?._size ?? 0)) * pixelRatio;
    const placed = labels.map((label, index) => ({ ...label, y: places?.[index] ?? label.y }));
    drawEndLabels(ground, placed, x, this.#labelWidth * pixelRatio);
  }

  #endLabels(): { line: number; name: string; value: string; colour: string; last: number }[] {
    const { picture, series, view } = this.#options;
    if (picture === undefined) return [];
    return series.flatMap(({ label, unit, colour }, line) => {
      const last = extentOf(picture.lines[line], picture, view)?.last;
      if (last === undefined) return [];
      return [
        {
          line,
          name: label,
          value: readingText(last, unit, this.decimalsOf(line)),
          colour: this.#colours.series[colour - 1],
          last,
        },
      ];
    });
  }

  #wantedLabelWidth(): number {
    const context = measuring();
    context.font = textFont({ colours: this.#colours, pixelRatio: 1 });
    const measure = (text: string) => context.measureText(text).width;
    const widths = this.#endLabels().map(({ name, value }) => endLabelWidth(measure, name, value));
    return Math.min(END_LABEL_WIDTH_MAX, Math.ceil(Math.max(48, ...widths) / 8) * 8);
  }
}

let context: CanvasRenderingContext2D | undefined;

/** A canvas of our own: the plot's would have to be put back as it was. */
function measuring(): CanvasRenderingContext2D {
  context ??= document.createElement('canvas').getContext('2d') as CanvasRenderingContext2D;
  return context;
}

/** Whether nothing is joined to a point on one side. Times of other lines are passed over. */
function isBroken(values: ArrayLike<number | null | undefined>, index: number, direction: 1 | -1): boolean {
  let next = index + direction;
  while (next >= 0 && next < values.length && values[next] === undefined) next += direction;
  return typeof values[next] !== 'number';
}
