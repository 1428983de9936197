/** The fixed bytes of a segment file. The whole format: engine/FORMAT.md, held to these constants by a test. */

export const SEGMENT_VERSION = 2;
/** Still read, not written any more. */
export const SEGMENT_VERSION_MIN = 1;

/** The line end catches a transfer that changed line ends, as in PNG. */
export const SEGMENT_MAGIC = new Uint8Array([0x44, 0x4b, 0x53, 0x45, 0x47, 0x0d, 0x0a, 0x1a]); // DKSEG\r\n^Z

export const HEADER_MAGIC = 0; // u8[8]
export const HEADER_VERSION = HEADER_MAGIC + 8; // u32
export const HEADER_CRC = HEADER_VERSION + 4; // u32, over [0, here)
export const HEADER_BYTES = HEADER_CRC + 4;

/** Positions count from the footer's first byte; the footer ends the file. */
export const FOOTER_NAMES_OFFSET = 0; // u64
export const FOOTER_NAMES_LENGTH = FOOTER_NAMES_OFFSET + 8; // u32
export const FOOTER_TABLE_LENGTH = FOOTER_NAMES_LENGTH + 4; // u32
export const FOOTER_TABLE_OFFSET = FOOTER_TABLE_LENGTH + 4; // u64
export const FOOTER_SOURCE_COUNT = FOOTER_TABLE_OFFSET + 8; // u32
export const FOOTER_BLOCK_ROWS = FOOTER_SOURCE_COUNT + 4; // u32
export const FOOTER_ROW_COUNT = FOOTER_BLOCK_ROWS + 4; // u64
export const FOOTER_LAST_SEQUENCE = FOOTER_ROW_COUNT + 8; // u64
export const FOOTER_FILE_BYTES = FOOTER_LAST_SEQUENCE + 8; // u64
export const FOOTER_CRC = FOOTER_FILE_BYTES + 8; // u32, over [0, here)
export const FOOTER_MAGIC = FOOTER_CRC + 4; // u8[8]
export const FOOTER_BYTES = FOOTER_MAGIC + 8;

export const CRC_BYTES = 4;

/** Columns of the source table, in this order; each a timestamp block of one value a source. */
export const TABLE_COLUMNS = [
  'ordinal',
  'rowCount',
  'firstRow',
  'lastRow',
  'minTime',
  'maxTime',
  'directoryOffset',
  'directoryLength',
] as const;

export type TableColumn = (typeof TABLE_COLUMNS)[number];

/** How a directory says which row number each row has. */
export const RowNumbers = {
  /** firstRow, firstRow + 1, … in the order of the rows. */
  consecutive: 0,
  /** A timestamp block a group. */
  blocks: 1,
} as const;

/** Groups of a leaf: a query of a narrow range decodes one leaf, and a year at a reading a second has sixty. */
export const LEAF_BLOCKS_MAX = 512;

/** Number of groups that rows are cut into: all full but the last. */
export function groupCountOf(rowCount: number, blockRows: number): number {
  return Math.ceil(rowCount / blockRows);
}
