/** Lines over time: as much of them as its width can show. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Api } from '../base/api.js';
import { theme } from '../base/theme.js';
import { intervalFor } from './intervals.js';
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
  readonly handle?: RefObject<ChartHandle>;
  /** @param isSettled false while a gesture goes on */
  readonly onView: (view: View, isSettled: boolean) => void;
  /** Back to where one came from. */
  readonly onReset: () => void;
}

interface Answer {
  readonly columns: Record<
    string,
    { timestamps: number[]; values: Record<string, Record<'min' | 'avg' | 'max', (number | null)[]>> }
  >;
}

export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const { api, series, view, height, onView, onReset } = props;
  const latest = useRef(props);
  latest.current = props;
  const dark = theme.value;
  useLayoutEffect(() => {
    const target = box.current as HTMLDivElement;
    const style = getComputedStyle(target);
    const abort = new AbortController();
    const width = target.clientWidth;
    let plot: uPlot | undefined;
    void (async () => {
      const tables: uPlot.AlignedData[] = [];
      for (const one of series) {
        const answer = await api.post<Answer>(
          '/api/data/query',
          {
            bucketId: one.bucketId,
            format: 'columns',
            aggregation: ['min', 'avg', 'max'],
            groupBy: intervalFor(view.to - view.from, width / 2).name,
            filters: {
              dataSourceId: one.dataSourceId,
              fields: [one.field],
              startTime: view.from,
              endTime: view.to,
              limit: 100_000,
            },
          },
          { signal: abort.signal },
        );
        const columns = answer.columns[one.dataSourceId];
        const { min = [], avg = [], max = [] } = columns?.values[one.field] ?? {};
        tables.push([columns?.timestamps ?? [], avg, max, min]);
      }
      if (abort.signal.aborted || tables.length === 0) return;
      const colours = series.map(({ colour }) => style.getPropertyValue(`--series-${colour}`));
      plot = new uPlot(
        {
          width,
          height,
          ms: 1,
          legend: { show: false },
          tzDate: time => uPlot.tzDate(new Date(time), latest.current.timezone),
          scales: { x: { time: true, range: () => [view.from, view.to] } },
          series: [
            {},
            ...colours.flatMap(stroke => [
              { stroke, width: 1.5 },
              { stroke, width: 0 },
              { stroke, width: 0 },
            ]),
          ],
          hooks: {
            setSelect: [
              self => {
                const { left, width } = self.select;
                if (width > 4)
                  onView(
                    {
                      from: Math.round(self.posToVal(left, 'x')),
                      to: Math.round(self.posToVal(left + width, 'x')),
                    },
                    true,
                  );
              },
            ],
          },
          cursor: {
            drag: { setScale: false },
            bind: {
              dblclick: () => () => {
                onReset();
                return null;
              },
            },
          },
        },
        uPlot.join(tables),
        target,
      );
    })().catch(error => {
      if (!abort.signal.aborted) target.textContent = String(error.message);
    });
    return () => {
      abort.abort();
      plot?.destroy();
    };
  }, [api, JSON.stringify(series), view.from, view.to, height, dark]);
  return <div ref={box} class="chart" />;
}
