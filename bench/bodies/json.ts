import type { LoadedBucket } from '../load.js';
import type { Readings } from '../reference.js';
import type { Rectangle } from './rectangle.js';

/** A batch as the contract has it, time by time. */
export function jsonBody(
  { bucketId, ids }: LoadedBucket,
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const points: string[] = [];
  for (let row = rowFrom; row < rowTo; row++) {
    const timestamp = isoTime(readings[sourceFrom].timeAt(row));
    for (let source = sourceFrom; source < sourceTo; source++) {
      const values = valuesText(readings[source], row);
      points.push(`{"dataSourceId":"${ids[source]}","timestamp":"${timestamp}","values":{${values}}}`);
    }
  }
  return Buffer.from(`{"bucketId":"${bucketId}","dataPoints":[${points}]}`);
}

/** One point by itself. */
export function pointBody(
  { bucketId, ids }: LoadedBucket,
  readings: readonly Readings[],
  source: number,
  row: number,
) {
  const timestamp = isoTime(readings[source].timeAt(row));
  const place = `"bucketId":"${bucketId}","dataSourceId":"${ids[source]}","timestamp":"${timestamp}"`;
  return Buffer.from(`{${place},"values":{${valuesText(readings[source], row)}}}`);
}

function isoTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function valuesText({ fields }: Readings, row: number): string {
  let text = '';
  for (const [name, valueAt] of fields) text += `${text === '' ? '' : ','}"${name}":${valueAt(row)}`;
  return text;
}
