import type { Readings } from '../reference.js';
import type { Rectangle } from './rectangle.js';

export const LINE_MEASUREMENT = 'bench';
/** Its value is the name of the source. */
export const LINE_TAG = 'hostname';

/** InfluxDB's line protocol, a line a point, time by time, in milliseconds. */
export function lineBody(
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const lines: string[] = [];
  for (let row = rowFrom; row < rowTo; row++) {
    for (let source = sourceFrom; source < sourceTo; source++) {
      const { source: name, fields, timeAt } = readings[source];
      let values = '';
      for (const [field, valueAt] of fields) values += `${values === '' ? '' : ','}${field}=${valueAt(row)}`;
      lines.push(`${LINE_MEASUREMENT},${LINE_TAG}=${name} ${values} ${timeAt(row)}`);
    }
  }
  return Buffer.from(lines.join('\n'));
}
