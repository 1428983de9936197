/** Bytes as people read them. Nothing here knows of a page. */

const BYTES_SHOWN_MAX = 1_024;
const ROW_BYTES = 8;

/** `00000010  82 a4 64 61 …  ..da…`, the first of them. */
export function hexDump(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let start = 0; start < Math.min(bytes.length, BYTES_SHOWN_MAX); start += ROW_BYTES) {
    const row = [...bytes.subarray(start, start + ROW_BYTES)];
    const hex = row.map(byte => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map(byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    rows.push(`${start.toString(16).padStart(6, '0')}  ${hex.padEnd(ROW_BYTES * 3)} ${text}`);
  }
  if (bytes.length > BYTES_SHOWN_MAX) rows.push(`… ${bytes.length - BYTES_SHOWN_MAX} more bytes`);
  return rows.join('\n');
}
