/** The application over the reference storage and a log in memory, called without a socket. */
import { unpack } from 'msgpackr';
import { Alerts } from '../../../server/alerts/alerts.js';
import type { AlertFigures } from '../../../server/analytics/alert-figures.js';
import { alertFiguresOf } from '../../../server/analytics/rule-figures.js';
import { createApi, type RoutedApplication } from '../../../server/api.js';
import { Catalog } from '../../../server/catalog/catalog.js';
import type { AlertRule, RuleWebhook } from '../../../server/catalog/model.js';
import type {
  Application,
  Reply,
  RequestHead,
  StreamedBody,
  StreamSink,
} from '../../../server/http/application.js';
import { RateHeadersApplication } from '../../../server/http/rate-headers.js';
import { Idempotency } from '../../../server/idempotency/idempotency.js';
import type { QueryLimits } from '../../../server/limits.js';
import { LiveHub } from '../../../server/live/hub.js';
import { Metrics } from '../../../server/metrics/metrics.js';
import { Queries } from '../../../server/query/queries.js';
import { RateLimits } from '../../../server/usage/rate-limits.js';
import { Usage } from '../../../server/usage/usage.js';
import { webhooksOf } from '../../../server/webhooks/rules.js';
import { newSecret } from '../../../server/webhooks/signature.js';
import { Webhooks } from '../../../server/webhooks/webhooks.js';
import type { Sequence } from '../../../wal/records.js';
import { FakeDisk } from '../../support/fake-disk.js';
import { MemoryLog } from '../../support/memory-log.js';
import { ReferenceStorage } from '../../support/reference-storage.js';

/** What a test sees of an answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** '' where it is MessagePack. */
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly body: any;
}

export interface CallOptions {
  readonly key?: string;
  /** An object is sent as JSON, text and bytes as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export const ADMIN_KEY = `dakkio_a_${'a'.repeat(40)}`;
export const NOW = Date.UTC(2024, 0, 15, 10, 30);
export const UNKNOWN_ID = 'f'.repeat(24);

/** Nobody listens there. */
const WEBHOOK = { url: 'http://127.0.0.1:1/hook', secret: newSecret() };

export class Fixture {
  readonly log = new MemoryLog();
  readonly storage = new ReferenceStorage();
  /** Errors that the application did not expect. */
  readonly errors: object[] = [];
  now = NOW;
  isReady = true;
  /** Read by `restart`. */
  burstMax = 0;
  /** In the place of those of the rules; read by `restart`. */
  alertFigures: AlertFigures | undefined;
  queryLimits: QueryLimits = { timeMaxMs: 30_000, pointsMax: 1e9 };
  readonly #disk = new FakeDisk();
  #catalog: Catalog | undefined;
  #webhooks: Webhooks | undefined;
  #alerts: Alerts | undefined;
  #live: LiveHub | undefined;
  #usage: Usage | undefined;
  #limited: Application | undefined;
  #application: RoutedApplication | undefined;

  static async open(): Promise<Fixture> {
    const fixture = new Fixture();
    fixture.#disk.put('/data/keep', new Uint8Array(1));
    await fixture.restart();
    await fixture.catalog.bootstrap({ adminKey: ADMIN_KEY });
    return fixture;
  }

  /** A new catalog and application over the same log and storage. */
  async restart(): Promise<void> {
    const clock = { now: () => this.now };
    await this.#alerts?.close();
    this.#catalog = await Catalog.open({ disk: this.#disk, directory: '/data', clock });
    this.#alerts = await Alerts.open({
      disk: this.#disk,
      directory: '/data',
      clock,
      catalog: this.#catalog,
      storage: this.storage,
      logger: { error: context => this.errors.push(context) },
    });
    this.log.replayTo(this.#catalog.participant);
    this.log.replayTo(this.#alerts.participant);
    this.#catalog.start(this.log);
    this.#webhooks = await Webhooks.open({
      disk: this.#disk,
      directory: '/data',
      clock,
      rules: webhooksOf(this.#catalog),
      allowed: ['127.0.0.1'],
      logger: { error: context => this.errors.push(context) },
    });
    this.log.replayTo(this.#webhooks.participant);
    await this.#webhooks.start(this.log);
    this.#alerts.start(this.log, this.#webhooks.outbox);
    await this.#alerts.caughtUp();
    const idempotency = await Idempotency.open({ disk: this.#disk, directory: '/data', clock });
    this.storage.keeper = idempotency.keeper;
    for (const [index, mark] of this.storage.marks.entries()) {
      idempotency.keeper.apply(mark, (index + 1) as Sequence);
    }
    this.#live = new LiveHub({
      storage: this.storage,
      catalog: this.catalog,
      clock,
      position: this.storage.position,
    });
    this.#usage = await Usage.open({ disk: this.#disk, directory: '/data', clock });
    this.log.replayTo(this.#usage.participant);
    this.#usage.start(this.log);
    const { usage, catalog, burstMax } = this;
    this.storage.subscribe(() => usage.markStored());
    const rateLimits = new RateLimits({ catalog, usage, clock, burstMax });
    this.#application = createApi({
      catalog: this.#catalog,
      storage: this.storage,
      queries: new Queries({ storage: this.storage, ...this.queryLimits }),
      clock,
      webhooks: this.#webhooks,
      alerts: this.#alerts,
      idempotency,
      rateLimits,
      usage: this.usage,
      alertFigures: this.alertFigures ?? alertFiguresOf(this.#catalog, this.#alerts),
      storedBytes: async () => 52_428_800,
      live: this.#live,
      limits: { bodyBytesMax: 16 * 1024 * 1024, columnBytesMax: 64 * 1024 * 1024, batchPointsMax: 1000 },
      ready: () => this.isReady,
      failure: () => this.log.failure,
      metrics: new Metrics([]),
      logger: { error: context => this.errors.push(context) },
    });
    this.#limited = new RateHeadersApplication(this.#application, rateLimits);
  }

  get catalog(): Catalog {
    return this.#catalog!;
  }

  /** Sends nothing until it is told to. */
  get webhooks(): Webhooks {
    return this.#webhooks!;
  }

  get alerts(): Alerts {
    return this.#alerts!;
  }

  get usage(): Usage {
    return this.#usage!;
  }

  /** The application as a socket sees it. */
  get limited(): Application {
    return this.#limited!;
  }

  get live(): LiveHub {
    return this.#live!;
  }

  get application(): RoutedApplication {
    return this.#application!;
  }

  /** `call('POST', '/api/buckets?limit=1', …)` */
  async call(method: string, target: string, options: CallOptions = {}): Promise<Answer> {
    const decision = this.limited.admit(headOf(method, target, options));
    return answerOf('respond' in decision ? await decision.respond(bytesOf(options.body)) : decision);
  }

  /** A live stream that was begun; fails where it was refused. */
  async stream(target: string, options: CallOptions = {}): Promise<StreamReader> {
    const decision = this.application.admit(headOf('GET', target, options));
    const reply = 'respond' in decision ? await decision.respond(new Uint8Array(0)) : decision;
    if (reply.stream === undefined) throw new Error(`No stream: ${reply.status} ${reply.body}`);
    return new StreamReader(reply.stream);
  }

  /** The answer made before any body is read; undefined where the body is wanted. */
  admit(method: string, target: string, options: CallOptions = {}): Answer | undefined {
    const decision = this.limited.admit(headOf(method, target, options));
    return 'respond' in decision ? undefined : answerOf(decision);
  }

  async createBucket(name = 'Greenhouse'): Promise<string> {
    const answer = await this.call('POST', '/api/buckets', { key: ADMIN_KEY, body: { name } });
    return answer.body.bucket._id;
  }

  async createKey(bucketId: string, type: 'write' | 'read'): Promise<string> {
    const answer = await this.call('POST', `/api/buckets/${bucketId}/keys`, {
      key: ADMIN_KEY,
      body: { name: type, type },
    });
    return answer.body.apiKey.key;
  }

  async createSource(bucketId: string, schema: object = {}, name = 'bed'): Promise<string> {
    const answer = await this.call('POST', `/api/buckets/${bucketId}/sources`, {
      key: ADMIN_KEY,
      body: { name, schema },
    });
    return answer.body.dataSource._id;
  }

  /** With a webhook, where it is given one. */
  createRule(bucketId: string, sourceId: string, webhook: RuleWebhook | null = WEBHOOK): Promise<AlertRule> {
    return this.catalog.createRule(bucketId, {
      sourceId,
      name: 'Too hot',
      condition: 't > 30',
      parsedCondition: { field: 't', operator: 'gt', value: 30 },
      webhook,
      cooldownMinutes: 5,
    });
  }

  /** All that bad input must leave as it is. */
  state(): object {
    const sources = this.catalog.allSources();
    return {
      records: this.log.records.length,
      points: sources.map(source => this.storage.stats(source.ordinal).rowCount),
      fields: sources.map(source => [...this.storage.fields(source.ordinal)]),
    };
  }
}

export interface LiveEvent {
  readonly id: string;
  /** '' for points. */
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into any answer
  readonly data: any;
}

/** The client of a live stream; it reads all at once, unless it is told to be slow. */
export class StreamReader implements StreamSink {
  text = '';
  isEnded = false;
  isSlow = false;
  bufferedBytes = 0;
  readonly #onClosed: () => void;

  constructor(body: StreamedBody) {
    this.#onClosed = body(this);
  }

  write(bytes: Uint8Array): void {
    if (this.isSlow) this.bufferedBytes += bytes.length;
    this.text += Buffer.from(bytes).toString();
  }

  end(): void {
    this.isEnded = true;
    this.#onClosed();
  }

  leave(): void {
    this.#onClosed();
  }

  /** As a client of Server-Sent Events takes it: events end with an empty line. */
  get events(): LiveEvent[] {
    const events: LiveEvent[] = [];
    for (const block of this.text.split('\n\n').slice(0, -1)) {
      const lines = new Map(block.split('\n').map(line => line.split(/: (.*)/s) as [string, string]));
      if (!lines.has('data')) continue;
      const data = JSON.parse(lines.get('data') as string);
      events.push({ id: lines.get('id') ?? '', name: lines.get('event') ?? '', data });
    }
    return events;
  }
}

export function headOf(method: string, target: string, options: CallOptions = {}): RequestHead {
  const [path, query = ''] = target.split('?');
  const headers: Record<string, string> = {
    ...(options.key !== undefined && { 'x-api-key': options.key }),
    ...(options.body !== undefined && { 'content-type': 'application/json' }),
    ...options.headers,
  };
  const signal = options.signal ?? new AbortController().signal;
  return { id: 'request-1', method, path, query, header: name => headers[name] ?? '', signal };
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array(0);
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function answerOf(reply: Reply): Answer {
  const { status, headers = {}, body } = reply;
  if (headers['Content-Type'] === 'application/msgpack') {
    return { status, headers, text: '', body: unpack(body as Uint8Array) };
  }
  const text = body === undefined ? '' : Buffer.from(body as Uint8Array).toString();
  return { status, headers, text, body: text === '' ? undefined : JSON.parse(text) };
}
