/** Lines over time: as much of them as its width can show. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useImperativeHandle, useLayoutEffect, useRef } from 'preact/hooks';
import type { Api } from '../base/api.js';
import { Failure } from '../base/failure.js';
import { theme } from '../base/theme.js';
import { Engine, type Wish } from './engine.js';
import { ChartHead } from './head.js';
import { viewOfKey } from './keys.js';
import type {
  ChartHandle,
  Drawing,
  Firing,
  LiveFeed,
  Series,
  SharedCursor,
  Threshold,
  View,
} from './model.js';
import type { Picture } from './picture.js';
import { covers } from './plan.js';
import { extentOf, rulesText, summaryText } from './texts.js';

export interface ChartProps {
  readonly api: Api;
  readonly title?: string;
  readonly series: readonly Series[];
  readonly view: View;
  readonly drawing: Drawing;
  /** IANA name. */
  readonly timezone: string;
  readonly thresholds?: readonly Threshold[];
  readonly firings?: readonly Firing[];
  /** Of the plot with its axes, in pixels. */
  readonly height: number;
  readonly cursor: SharedCursor;
  readonly live?: LiveFeed;
  /** Over the plot where the view has no points. */
  readonly empty?: ComponentChildren;
  readonly handle?: { current: ChartHandle | null };
  /** @param isSettled false while a gesture goes on */
  readonly onView: (view: View, isSettled: boolean) => void;
  /** Back to where one came from. */
  readonly onReset: () => void;
}

const NONE: readonly never[] = [];

export function Chart(props: ChartProps) {
  const { title = '', series, view, timezone, height, thresholds = NONE, firings = NONE } = props;
  const box = useRef<HTMLDivElement>(null);
  const engine = useSignal<Engine | undefined>(undefined);
  const wish: Wish = { ...props, title, thresholds, firings, theme: theme.value };
  const latest = useRef(wish);
  latest.current = wish;
  useLayoutEffect(() => {
    const made = new Engine(box.current as HTMLDivElement, latest.current);
    engine.value = made;
    return () => made.destroy();
  }, []);
  useLayoutEffect(() => {
    if (engine.value !== undefined && engine.value.wish !== wish) engine.value.update(wish);
  });
  useImperativeHandle(props.handle ?? null, () => handleOf(() => engine.peek()), []);
  const { picture, made, failure } = engine.value ?? {};
  const shown = picture?.value;
  const isEmpty = props.empty !== undefined && shown !== undefined && hasNone(shown, view);
  const summary = summaryText(title, series, shown, view, timezone);
  return (
    <figure class="chart">
      <ChartHead {...{ title, series, view, timezone, firings }} engine={engine.value} />
      <div class="chart-area">
        <div
          ref={box}
          class="chart-plot"
          role="img"
          aria-roledescription="chart"
          aria-label={summary + rulesText(thresholds, firings, series[0]?.unit, view)}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows pan, plus and minus zoom
          tabIndex={0}
          style={{ height: `${height}px` }}
          onKeyDown={event => onKey(event, wish, engine.peek())}
        >
          {shown === undefined && failure?.value === undefined && <div class="skeleton" />}
        </div>
        {isEmpty && <div class="chart-empty">{props.empty}</div>}
      </div>
      {failure?.value !== undefined && (
        <Failure error={failure.value} onRetry={() => engine.peek()?.refresh()} />
      )}
      <figcaption class="chart-made">{made?.value}</figcaption>
    </figure>
  );
}

/** Whether there is nothing to see, and not only nothing yet. */
function hasNone(picture: Picture, view: View): boolean {
  return (
    covers(picture.range, view) && picture.lines.every(line => extentOf(line, picture, view) === undefined)
  );
}

function onKey(event: KeyboardEvent, { view, onView, onReset }: Wish, engine: Engine | undefined): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const next = viewOfKey(event.key, event.shiftKey, view);
  if (next !== undefined) onView(next, true);
  else if (event.key !== 'Escape') return;
  else if (!engine?.escape()) onReset();
  event.preventDefault();
  event.stopPropagation();
}

function handleOf(engine: () => Engine | undefined): ChartHandle {
  return {
    csv: () => engine()?.csv() ?? Promise.reject(new Error('Nothing is drawn yet')),
    png: () => engine()?.png() ?? Promise.reject(new Error('Nothing is drawn yet')),
    refresh: () => engine()?.refresh(),
  };
}
