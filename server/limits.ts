/** Every limit of requests, each with its reason. Limits of the store are the engine's. */

/** Those that the operator sets. */
export interface RequestLimits {
  /** Bytes of a body, as received or inflated: what one request may make us hold. */
  readonly bodyBytesMax: number;
  /** The same of bodies of columns, which cost no more memory than they have bytes. */
  readonly columnBytesMax: number;
  /** Points of a batch: bounds how long one request keeps the others waiting. */
  readonly batchPointsMax: number;
}

/** Those of queries that the operator sets. */
export interface QueryLimits {
  /** Milliseconds until a query that has not been answered is given up: what one may keep others waiting. */
  readonly timeMaxMs: number;
  /** Points that one query may read; 0 for any number. */
  readonly pointsMax: number;
}

/** Values of a batch, times included: its record must fit in the log's, and its columns in memory several times. */
export const BATCH_VALUES_MAX = 8 * 1024 * 1024;

/** Failures named in one answer: enough to mend a batch, too few to make the answer larger than the request. */
export const DETAILS_MAX = 100;

/** Characters of a caller's text that we repeat to him, in messages and paths. */
export const ECHO_CHARACTERS_MAX = 128;

/** Names of buckets, keys and sources: they have to fit a line of a list. */
export const NAME_CHARACTERS_MAX = 100;

/** Descriptions travel with each list and each change of the catalog. */
export const DESCRIPTION_CHARACTERS_MAX = 2_000;

/** Name of a unit or of a kind of source: a word or two. */
export const LABEL_CHARACTERS_MAX = 100;

/** Ten years; a bucket that keeps longer keeps for ever. */
export const RETENTION_DAYS_MAX = 3_650;

/** Names of fields: they stand in each answer, and in each segment. */
export const FIELD_NAME_CHARACTERS_MAX = 128;

/** Fields of a source: each costs a column in memory, in files, and in every scan of all fields. */
export const SOURCE_FIELDS_MAX = 1_024;

/** Measurement and tags of a series: as in InfluxDB. Each series keeps them in memory. */
export const SERIES_KEY_BYTES_MAX = 65_535;

/** Series of a bucket: as in InfluxDB, unless it is told otherwise. A tag that is never the same fills the memory. */
export const SERIES_MAX = 1_000_000;

/** Lines, or bytes of lines, that become one record of the log: bounds the memory that rows with all sorts of fields take. */
export const LINES_OF_RECORD_MAX = 8_192;
export const LINE_BYTES_OF_RECORD_MAX = 8 * 1024 * 1024;

/** Distinct sequences of fields among the lines of one record: each takes memory until the next. */
export const LINE_PATHS_OF_RECORD_MAX = 65_536;

/** Sentence of an alert rule: as many parts as there may be, with the longest names of fields. */
export const CONDITION_CHARACTERS_MAX = 4_096;

/** Comparisons of one condition: more is a rule that nobody understands when it fires. */
export const CONDITION_PARTS_MAX = 16;

/** Parentheses in each other in a condition: with as many parts there is no use for more. */
export const CONDITION_DEPTH_MAX = 16;

/** Times of a condition: a leap year. Windows begin with what is stored, and nobody waits longer. */
export const CONDITION_SECONDS_MAX = 366 * 86_400;

/** Text of one value: a state or a message. A block of a thousand must still fit in memory many times. */
export const VALUE_CHARACTERS_MAX = 65_536;

/** JSON text of a point's metadata: it is context of a reading, not a document. */
export const METADATA_CHARACTERS_MAX = 65_536;

/** Nesting of metadata. Texts of any depth parse, but writing them again would exhaust the stack. */
export const METADATA_DEPTH_MAX = 32;

/** Items of a list in one answer. */
export const LIST_LIMIT_DEFAULT = 100;
export const LIST_LIMIT_MAX = 1_000;

/** Rows of one query's answer: about 10 MiB of JSON for a few fields. */
export const QUERY_ROWS_DEFAULT = 1_000;
export const QUERY_ROWS_MAX = 100_000;

/** Points of a picture: several times what the widest screen has, and no more than one answer has rows. */
export const PICTURE_POINTS_MAX = 100_000;

/** Rows passed over where gaps are filled: those are made from nothing, and with seconds there is no end of them. */
export const FILLED_OFFSET_MAX = 1_000_000;

/** Bytes of one query's answer: it is held whole until the caller has read it. */
export const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

/** Queries that wait for a thread: each keeps what it is to read from being deleted. */
export const QUERIES_WAITING_MAX = 1_000;

/** Sources named by one query; more are asked for as the whole bucket. */
export const QUERY_SOURCES_MAX = 10_000;

/** Arrays and maps in each other in a body of MessagePack: those of metadata, and what is around them. */
export const MESSAGE_PACK_DEPTH_MAX = METADATA_DEPTH_MAX + 8;

/** Seconds after which a caller that met a 503 may try again: what a restart or a burst takes. */
export const RETRY_AFTER_SECONDS = 5;

/** Sources whose plan `explain` prints: those of one bucket are mostly read alike. */
export const EXPLAINED_SOURCES_MAX = 100;

/** Sources that the analytics of a bucket tell of one by one, the oldest; all count in its sums. */
export const ANALYTICS_SOURCES_MAX = 1_000;

/** Aggregations of one query: as many as there are. */
export const AGGREGATIONS_MAX = 64;

/** Bytes of decoded blocks that each thread of queries keeps for its next: enough for a long query asked again. */
export const THREAD_DECODED_BYTES_MAX = 32 * 1024 * 1024;

/** Alert rules of a source: each is asked with every batch of it. */
export const SOURCE_RULES_MAX = 100;

/** Alert rules of a bucket: each is kept in memory, with its history. */
export const BUCKET_RULES_MAX = 10_000;

/** Dashboards of a bucket: all are kept in memory, and in each snapshot of the catalog. */
export const BUCKET_DASHBOARDS_MAX = 200;

/** Panels of a dashboard: each is a query or several, whenever it is looked at. */
export const DASHBOARD_PANELS_MAX = 50;

/** Lines of one panel: nobody tells more apart. */
export const PANEL_SERIES_MAX = 20;

/** Name of a panel within its dashboard, which the page makes. */
export const PANEL_ID_CHARACTERS_MAX = 40;

/** A week: a rule that is to be silent for longer is paused. */
export const COOLDOWN_MINUTES_MAX = 10_080;

/** Transitions of a rule that are kept: some weeks of a rule that fires daily, and little memory for those that flap. */
export const RULE_HISTORY_MAX = 100;

/** Characters of a text that are kept with a transition: a state, or the beginning of a message. */
export const RULE_TEXT_CHARACTERS_MAX = 256;

/** How long it is known how often a rule has fired: the longest period of the analytics, and a day. */
export const RULE_FIRINGS_AGE_MAX_MS = 91 * 24 * 60 * 60 * 1_000;

/**
 * How far ahead of our clock the points are that rules look at. One from the year 2100 would make all others late; a
 * device that takes its local time for UTC is hours ahead.
 */
export const RULE_AHEAD_MAX_MS = 24 * 60 * 60 * 1_000;

/** How late a field may come, behind the others of its source, that is still judged after a restart. */
export const RULE_LATE_MAX_MS = 60 * 60 * 1_000;

/** After a start rules of silence wait at least so long, if they wait so long at all: we, not the sources, were silent. */
export const SILENCE_GRACE_MAX_MS = 60 * 1_000;

/** Firings that a dry run lists. */
export const DRY_RUN_FIRINGS_MAX = 1_000;

/**
 * Memory of the answers to requests with an idempotency key: about 200,000 batches. Beyond it the oldest are forgotten
 * before their day is over: repeats come within minutes, and to refuse points would be worse than to take them twice.
 */
export const IDEMPOTENCY_BYTES_MAX = 64 * 1024 * 1024;

/** Live streams at once: each is a connection, and each point is written to all that want it. */
export const STREAMS_MAX = 1_000;

/** Bytes that wait for one reader of a live stream: some seconds of a full network. Slower ones are dropped. */
export const STREAM_BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

/** Events of a bucket that are kept for readers who come back, in bytes and by age. */
export const STREAM_KEPT_BYTES_MAX = 8 * 1024 * 1024;
export const STREAM_KEPT_MS_MAX = 5 * 60 * 1_000;

/** The same of all buckets together: beyond it the bucket that gets more keeps less. */
export const STREAMS_KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** Silence of a live stream: proxies and the transport itself close connections on which nothing comes for long. */
export const STREAM_HEARTBEAT_MS = 5_000;

/** URL of a webhook: as long as what most servers take. */
export const WEBHOOK_URL_CHARACTERS_MAX = 2_048;

/** Body of a webhook: a point may have a thousand long texts, and receivers refuse large bodies for good. */
export const WEBHOOK_PAYLOAD_BYTES_MAX = 256 * 1024;

/** Of the outbox, which is in memory, in each of its snapshots, and in the log. */
export interface DeliveryLimits {
  /** Webhooks of one rule that wait: who has not been reached for so many does not want the first of them. */
  readonly pendingOfRuleMax: number;
  /** The same of all rules: one each, of as many rules as a server is made for. */
  readonly pendingMax: number;
  /** Webhooks of one rule that are remembered when nothing more becomes of them. */
  readonly settledOfRuleMax: number;
  readonly settledMax: number;
  /** What all of them take together. */
  readonly bytesMax: number;
  /** Attempts of one webhook that are remembered: more than the schedule has in a day. */
  readonly attemptsKeptMax: number;
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  pendingOfRuleMax: 100,
  pendingMax: 10_000,
  settledOfRuleMax: 50,
  settledMax: 10_000,
  bytesMax: 32 * 1024 * 1024,
  attemptsKeptMax: 20,
};

/** Connecting, sending, and the whole answer: as Standard Webhooks would have it, 15 to 30 s being the most. */
export const WEBHOOK_TIME_MAX_MS = 10_000;

/** Bytes of an answer that are read; its status has been told by then. */
export const WEBHOOK_ANSWER_BYTES_MAX = 8 * 1024;

/** Characters of an answer, or of an error, that are remembered: enough for what a proxy says of itself. */
export const WEBHOOK_TEXT_CHARACTERS_MAX = 256;

/** Webhooks on their way at once: each is a socket, and a few KiB. */
export const WEBHOOKS_IN_FLIGHT_MAX = 64;

/** Those to one host and port: a receiver that never answers holds only these. */
export const WEBHOOKS_IN_FLIGHT_OF_ORIGIN_MAX = 4;
