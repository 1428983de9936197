/** Questions in PromQL: what VictoriaMetrics and Prometheus have in common. */
import { requestBytes } from '../connection.js';
import type { Question } from '../questions.js';
import { AnswerBuilder, checkOk, formRequest, type Peer, type PeerQuery, type PeerWork } from './peer.js';

export interface Dialect {
  /** A selector of series of some fields and sources; of all sources where none is given. */
  selector(fields: readonly string[], sources: readonly string[] | undefined): string;
  /** The field that labels belong to. */
  fieldOf(labels: Readonly<Record<string, string>>): string;
  /** Wraps a function that would lose the name of what it is of. */
  keepNames(expression: string): string;
  /** Sent with each query. */
  readonly parameters: Readonly<Record<string, string>>;
  /** A range of all its points: `PeerQuery` of raw rows. */
  raw(work: PeerWork, question: Question, selector: string): PeerQuery;
}

const FUNCTIONS = {
  max: 'max_over_time',
  avg: 'avg_over_time',
  automatic: 'avg_over_time',
  last: 'last_over_time',
};

interface Matrix {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values?: readonly (readonly [number, string])[];
      readonly value?: readonly [number, string];
    }[];
  };
}

export function promQuery(dialect: Dialect, work: PeerWork, question: Question): PeerQuery {
  const { sources, fields, startTime, endTime, aggregation, groups } = question;
  const isAll = sources.length === work.readings.length;
  const names = isAll ? undefined : sources.map(source => work.readings[source].source);
  const selector = dialect.selector(fields, names);
  if (aggregation === 'none') return dialect.raw(work, question, selector);
  // A range ends with its time, which belongs to it: the last millisecond of a group stands for it.
  const rangeMs = groups?.widthMs ?? endTime - startTime;
  const expression = dialect.keepNames(`${FUNCTIONS[aggregation]}(${selector}[${rangeMs}ms])`);
  const firstMs = startTime + rangeMs - 1;
  const lastMs = firstMs + Math.floor((endTime - 1 - startTime) / rangeMs) * rangeMs;
  const times: Record<string, string> =
    groups === undefined
      ? { time: seconds(firstMs) }
      : { start: seconds(firstMs), end: seconds(lastMs), step: seconds(rangeMs) };
  const path = groups === undefined ? '/api/v1/query' : '/api/v1/query_range';
  const { path: target, ...form } = formRequest(path, { query: expression, ...times, ...dialect.parameters });
  return {
    request: requestBytes('POST', target, form),
    decode(answer) {
      checkOk(answer);
      const builder = new AnswerBuilder(work);
      for (const { metric, values, value } of (JSON.parse(answer.body.toString()) as Matrix).data.result) {
        const rows = values ?? (value === undefined ? [] : [value]);
        const timestamps = Float64Array.from(rows, ([time]) => Math.round(time * 1_000) - rangeMs + 1);
        builder.add(
          metric.hostname,
          dialect.fieldOf(metric),
          timestamps,
          Float64Array.from(rows, ([, text]) => Number(text)),
        );
      }
      return builder.finish();
    },
  };
}

/** Values that are stored of a work. */
export function promCount(dialect: Dialect, work: PeerWork): ReturnType<Peer['count']> {
  const { startTime, endTime, readings } = work;
  const selector = dialect.selector([...readings[0].fields.keys()], undefined);
  const query = `sum(count_over_time(${selector}[${endTime - startTime}ms]))`;
  const { path, ...form } = formRequest('/api/v1/query', {
    query,
    time: seconds(endTime - 1),
    ...dialect.parameters,
  });
  return {
    request: requestBytes('POST', path, form),
    decode(answer) {
      checkOk(answer);
      const { data } = JSON.parse(answer.body.toString()) as Matrix;
      return Number(data.result[0]?.value?.[1] ?? 0);
    },
  };
}

export function seconds(timeMs: number): string {
  return String(timeMs / 1_000);
}
