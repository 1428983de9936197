/** Every limit of the store, each with its reason. Limits of requests are the server's. */

/** Rows of a block: small enough that a narrow query decodes little, big enough that headers vanish. */
export const BLOCK_ROWS_MAX = 1_024;

/** Largest source ordinal: 8 hex digits of a point's id. */
export const SOURCE_ORDINAL_MAX = 0xffff_ffff;

/** First and last instant a point may have (1970-01-01 to 2199-12-31, the API's range), in milliseconds. */
export const TIMESTAMP_MIN = 0;
export const TIMESTAMP_MAX = Date.UTC(2200, 0, 1) - 1;

/** Bytes of head columns at which a flush starts. Bounds memory and the time that replay takes. */
export const HEAD_BYTES_MAX = 32 * 1024 * 1024;

/** Rows a source that make a head worth sealing, and how far it may grow beyond its limit until it has them. */
export const HEAD_ROWS_PER_SOURCE = 16;
export const HEAD_STRETCH_MAX = 8;

/** Age of the oldest unflushed point at which a flush starts, however small the head: bounds replay and the log. */
export const HEAD_AGE_MAX_MS = 10 * 60 * 1000;

/** Values, times and row numbers of a source held to choose the largest triangles of: 128 MiB, a month of seconds. */
export const TRIANGLES_VALUES_MAX = 16 * 1024 * 1024;

/**
 * Bytes of decoded blocks, directories and rollups kept for the next query: some thousand blocks, what dashboards that
 * refresh ask for again. Beyond it what was not asked for lately is decoded anew, in microseconds.
 */
export const DECODED_CACHE_BYTES_MAX = 64 * 1024 * 1024;

/** Segments that one flush makes at most: more would be smaller than they are worth. */
export const FLUSH_PARTITIONS_MAX = 4;
