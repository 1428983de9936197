import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface FakePoint {
  readonly dataSourceId: string;
  readonly timestamp: string | number;
  readonly values: Record<string, unknown>;
}

export const BUCKET_ID = 'b'.repeat(24);
export const SOURCE_ID = 'c'.repeat(24);
export const API_KEY = 'dakkio_w_test';

type Step = '503' | '429 for a month' | 'drop' | 'store and drop' | '500';
type AnswerWith = (status: number, body: object, headers?: Record<string, string>) => void;

/** As much of the API as an import uses; all or nothing a batch, up to 100 failures told, as the real one. */
export class FakeApi {
  readonly #server: Server;
  readonly stored: FakePoint[] = [];
  readonly idempotencyKeys: string[] = [];
  batchCount = 0;
  /** Batches are not answered before so many were in flight together. */
  heldUntilInFlight = 1;
  inFlightMax = 0;
  #inFlight = 0;
  #released: () => void = () => {};
  readonly #release = new Promise<void>(resolve => {
    this.#released = resolve;
  });
  /** What becomes of the next batches, first to last. */
  script: Step[] = [];
  pointsMax = Number.POSITIVE_INFINITY;

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async open(port = 0): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const answer = (status: number, body: object, headers: Record<string, string> = {}) => {
      response
        .writeHead(status, { 'Content-Type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    };
    if (request.headers['x-api-key'] !== API_KEY) {
      answer(401, { error: 'Unauthorized', message: 'Invalid or missing API key' });
      return;
    }
    const url = new URL(request.url!, 'http://test');
    const source = {
      _id: SOURCE_ID,
      name: 'kitchen',
      schema: { t: { type: 'number' }, label: 'string', on: { type: 'boolean' } },
    };
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /api/buckets':
        answer(200, { buckets: page(url, [...filler(1_500), { _id: BUCKET_ID, name: 'home' }]) });
        return;
      case `GET /api/buckets/${BUCKET_ID}/sources`:
        answer(200, { dataSources: page(url, [...filler(10), source]) });
        return;
      case `GET /api/buckets/${BUCKET_ID}/sources/${SOURCE_ID}`:
        answer(200, { dataSource: source });
        return;
      case 'POST /api/data/batch':
        this.idempotencyKeys.push(String(request.headers['idempotency-key']));
        this.#inFlight++;
        this.inFlightMax = Math.max(this.inFlightMax, this.#inFlight);
        if (this.inFlightMax >= this.heldUntilInFlight) this.#released();
        await this.#release;
        // Time for one more than there should be to arrive.
        await new Promise(resolve => setTimeout(resolve, 5));
        this.#inFlight--;
        this.#batch(JSON.parse(text), request, answer);
        return;
      default:
        answer(404, { error: 'Not Found', message: 'Route not found' });
    }
  }

  #batch(
    body: { bucketId: string; dataPoints: FakePoint[] },
    request: IncomingMessage,
    answer: AnswerWith,
  ): void {
    this.batchCount++;
    const step = this.script.shift();
    if (step === 'drop') {
      request.socket.destroy();
    } else if (step === '503') {
      answer(503, { message: 'busy' }, { 'Retry-After': '0' });
    } else if (step === '429 for a month') {
      answer(429, { message: 'Rate limit exceeded' }, { 'Retry-After': '2600000' });
    } else if (step === '500') {
      answer(500, { message: 'Something went wrong' });
    } else if (body.dataPoints.length > this.pointsMax) {
      answer(413, { message: 'too large' });
    } else {
      this.#store(body.dataPoints, step, request, answer);
    }
  }

  #store(
    points: readonly FakePoint[],
    step: Step | undefined,
    request: IncomingMessage,
    answer: AnswerWith,
  ): void {
    const details = points.flatMap(({ timestamp, values }, index) => {
      const at = ['body', 'dataPoints', index];
      const wrong =
        typeof values.t === 'string' ? [{ path: [...at, 'values', 't'], message: 'Expected number' }] : [];
      const late = Number.isNaN(new Date(timestamp).getTime())
        ? [{ path: [...at, 'timestamp'], message: 'Invalid timestamp' }]
        : [];
      return [...late, ...wrong];
    });
    if (details.length > 0) {
      answer(400, { message: 'Invalid request parameters', details: details.slice(0, 100) });
      return;
    }
    this.stored.push(...points);
    if (step === 'store and drop') request.socket.destroy();
    else answer(201, { message: 'Batch ingested successfully', inserted: points.length, dataSources: 1 });
  }
}

function filler(count: number): { _id: string; name: string }[] {
  return Array.from({ length: count }, (_, index) => ({
    _id: index.toString(16).padStart(24, '0'),
    name: `other ${index}`,
  }));
}

function page<Item>(url: URL, items: Item[]): Item[] {
  const offset = Number(url.searchParams.get('offset') ?? 0);
  return items.slice(offset, offset + Number(url.searchParams.get('limit') ?? 100));
}
