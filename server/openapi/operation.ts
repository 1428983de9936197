/** What the document says of a route beside what the route says itself. */
import type { TSchema } from '../schemas/typebox.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly schema: TSchema;
  readonly description: string;
  readonly required?: boolean;
  /** A value that works; ids in braces stand for those of the caller's own. */
  readonly example?: string;
}

export interface Operation {
  /** `POST /api/buckets` */
  readonly route: string;
  readonly tag: Tag;
  /** A line. */
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  /** Bodies that work, by name; the first is the plainest. Ids in braces stand for those of the caller's own. */
  readonly examples?: Readonly<Record<string, object | string>>;
  readonly status: number;
  /** Of the body of a good answer. */
  readonly answer?: TSchema;
  /** JSON where it is not given. */
  readonly answerType?: string;
  /** Whether it is MessagePack where Accept asks for that. */
  readonly packedAnswer?: boolean;
  /** Of the body; JSON where it is not given. */
  readonly bodyType?: string;
}

/** In the order in which a newcomer needs them. */
export const TAGS = {
  Buckets: 'Where points live. An organization has buckets; only Admin keys see them all.',
  'API keys': 'Write and Read keys of a bucket. A key is shown once, when it is made.',
  'Data sources': 'What sends points: a sensor, a service. Its schema says which fields it has.',
  Ingestion: 'Points come in. 201 means that they are on the disk.',
  Queries: 'Points come out: raw, grouped by time, or chosen for drawing.',
  'Alert rules': 'Conditions in plain English, and webhooks that tell of them.',
  Analytics: 'What there is and how much comes in.',
  'Live stream': 'Every point as it is stored.',
  Dashboards: 'What the pages of this server show: panels, and the range of time.',
  'Line protocol': 'What clients of InfluxDB send, taken as it is.',
  Operations: 'For whoever runs the server.',
} as const;

export type Tag = keyof typeof TAGS;
