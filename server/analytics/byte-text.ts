const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** A size for people, in units of 1024, with a decimal at most: `50 MB`, `1.5 GB`. */
export function byteText(bytes: number): string {
  let unit = 0;
  let value = bytes;
  // What would be rounded to a whole one of the next unit is written as that.
  while (unit < UNITS.length - 1 && Math.round(value * 10) / 10 >= 1_024) {
    value /= 1_024;
    unit++;
  }
  return `${Math.round(value * 10) / 10} ${UNITS[unit]}`;
}
