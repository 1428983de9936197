/** A chart alone on a page: what tests and benchmarks look at. No part of the pages. */
import { signal } from '@preact/signals';
import { render } from 'preact';
import { Api } from '../base/api.js';
import type { RawPoint } from '../base/types.js';
import { Chart, type ChartProps } from './chart.js';
import { sharedCursor } from './cursor.js';
import type { ChartHandle, View } from './model.js';

export interface StageOptions
  extends Pick<ChartProps, 'title' | 'series' | 'view' | 'drawing' | 'timezone' | 'thresholds' | 'firings'> {
  readonly key: string;
  readonly height?: number;
  readonly isLive?: boolean;
}

export interface Stage {
  readonly handle: { current: ChartHandle | null };
  readonly view: View;
  /** Views that the chart has asked for. */
  readonly settled: readonly View[];
  look(view: View): void;
  change(options: Partial<StageOptions>): void;
  send(point: RawPoint): void;
}

declare global {
  interface Window {
    stage?: Stage;
    mountChart(options: StageOptions): void;
  }
}

window.mountChart = first => {
  const options = signal(first);
  const view = signal(first.view);
  const settled: View[] = [];
  const listeners = new Set<(point: RawPoint) => void>();
  const api = new Api(first.key);
  const cursor = sharedCursor();
  const handle: { current: ChartHandle | null } = { current: null };
  const live = {
    subscribe(listener: (point: RawPoint) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const onView = (next: View, isSettled: boolean) => {
    view.value = next;
    if (isSettled) settled.push(next);
  };
  function Shown() {
    const { height = 240, isLive = false, ...rest } = options.value;
    return (
      <main>
        <h1 class="visually-hidden">Stage</h1>
        <Chart
          {...rest}
          {...{ api, cursor, handle, height, onView }}
          view={view.value}
          live={isLive ? live : undefined}
          onReset={() => onView(options.peek().view, true)}
        />
      </main>
    );
  }
  render(<Shown />, document.getElementById('page') as HTMLElement);
  window.stage = {
    handle,
    settled,
    get view() {
      return view.value;
    },
    look: next => onView(next, true),
    change(more) {
      options.value = { ...options.value, ...more };
    },
    send(point) {
      for (const listener of listeners) listener(point);
    },
  };
};
