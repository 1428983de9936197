/** Figures for monitors, in the text format of Prometheus. */
import type { Registry } from 'prom-client';

/** One figure, read whenever somebody asks for it: what it counts pays nothing for being watched. */
export interface Metric {
  /** As Prometheus has it: a counter ends in `_total`, units are seconds and bytes. */
  readonly name: string;
  /** Ends in a full stop. */
  readonly help: string;
  /** A counter only goes up while the process lives. */
  readonly kind: 'counter' | 'gauge';
  value(): number;
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
  const { Registry, Counter, Gauge, collectDefaultMetrics } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  for (const { name, help, kind, value } of metrics) {
    if (kind === 'gauge') {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
      continue;
    }
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  }
  collectDefaultMetrics({ register: registry });
  return registry;
}
