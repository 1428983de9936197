/** Requests as they were answered: how many, how long, how large. */
import { counter, type Metric, type Sample } from './metrics.js';

/** Upper ends in seconds: from answers out of memory to the longest queries. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

class RouteStatistics {
  readonly statuses = new Map<number, number>();
  readonly buckets = new Float64Array(BUCKETS.length);
  count = 0;
  seconds = 0;
}

export class RequestStatistics {
  readonly #routes = new Map<string, RouteStatistics>();
  #bytesReceived = 0;
  #bytesSent = 0;

  /** @param route method and name of the route */
  observe(
    route: string,
    answered: { status: number; seconds: number; received: number; sent: number },
  ): void {
    let statistics = this.#routes.get(route);
    if (statistics === undefined) {
      statistics = new RouteStatistics();
      this.#routes.set(route, statistics);
    }
    const { status, seconds, received, sent } = answered;
    statistics.statuses.set(status, (statistics.statuses.get(status) ?? 0) + 1);
    statistics.count++;
    statistics.seconds += seconds;
    const bucket = BUCKETS.findIndex(end => seconds <= end);
    if (bucket >= 0) statistics.buckets[bucket]++;
    this.#bytesReceived += received;
    this.#bytesSent += sent;
  }

  metrics(): Metric[] {
    return [
      {
        name: 'dakkio_http_requests_total',
        help: 'Requests answered.',
        kind: 'counter',
        samples: () => this.#requests(),
      },
      {
        name: 'dakkio_http_request_seconds',
        help: 'Time from the head of a request until its answer was made.',
        kind: 'histogram',
        samples: () => this.#durations(),
      },
      counter('dakkio_http_received_bytes_total', 'Bodies of requests, inflated.', () => this.#bytesReceived),
      counter('dakkio_http_sent_bytes_total', 'Bodies of answers.', () => this.#bytesSent),
    ];
  }

  *#requests(): Generator<Sample> {
    for (const [route, { statuses }] of this.#routes) {
      for (const [status, value] of statuses)
        yield { value, labels: { ...labelsOf(route), status: `${status}` } };
    }
  }

  *#durations(): Generator<Sample> {
    for (const [route, { buckets, count, seconds }] of this.#routes) {
      const labels = labelsOf(route);
      let value = 0;
      for (let index = 0; index < BUCKETS.length; index++) {
        value += buckets[index];
        yield { value, labels: { ...labels, le: `${BUCKETS[index]}` }, suffix: '_bucket' };
      }
      yield { value: count, labels: { ...labels, le: '+Inf' }, suffix: '_bucket' };
      yield { value: seconds, labels, suffix: '_sum' };
      yield { value: count, labels, suffix: '_count' };
    }
  }
}

function labelsOf(route: string): Record<string, string> {
  const [method, path] = route.split(' ');
  return { method, route: path };
}
