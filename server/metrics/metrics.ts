/** Figures for monitors, in the text format of Prometheus. */
import type { Metric as LibraryMetric, Registry } from 'prom-client';

export interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the metric's name: those of a histogram have `_bucket`, `_sum` and `_count`. */
  readonly suffix?: string;
}

/** One figure, read whenever somebody asks for it: what it counts pays nothing for being watched. */
export interface Metric {
  /** As Prometheus has it: a counter ends in `_total`, units are seconds and bytes. */
  readonly name: string;
  /** Ends in a full stop. */
  readonly help: string;
  /** All but a gauge only go up while the process lives. */
  readonly kind: 'counter' | 'gauge' | 'histogram';
  samples(): Iterable<Sample>;
}

export function counter(name: string, help: string, value: () => number): Metric {
  return { name, help, kind: 'counter', samples: () => [{ value: value() }] };
}

export function gauge(name: string, help: string, value: () => number): Metric {
  return { name, help, kind: 'gauge', samples: () => [{ value: value() }] };
}

/** All that there is to know of one process; and what Node.js and the system say of it. */
export class Metrics {
  readonly #metrics: readonly Metric[];
  #registry: Promise<Registry> | undefined;

  constructor(metrics: readonly Metric[]) {
    this.#metrics = metrics;
  }

  /** The page, and its media type. */
  async page(): Promise<{ readonly text: string; readonly contentType: string }> {
    // Loaded when it is first asked for: most processes are never watched, and every start would wait for it.
    this.#registry ??= register(this.#metrics);
    const registry = await this.#registry;
    return { text: await registry.metrics(), contentType: registry.contentType };
  }
}

async function register(metrics: readonly Metric[]): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  for (const metric of metrics) registry.registerMetric(watched(metric) as unknown as LibraryMetric);
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** What the library asks a metric when its values are wanted. */
function watched({ name, help, kind, samples }: Metric) {
  return {
    name,
    get: async () => ({
      name,
      help,
      type: kind,
      values: Array.from(samples(), ({ value, labels = {}, suffix = '' }) => {
        return { value, labels, metricName: name + suffix };
      }),
      aggregator: 'sum',
    }),
  };
}
