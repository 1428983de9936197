/** Prometheus' remote write 1.0: Protocol Buffers by hand, in Snappy. */
import type { Rectangle } from '../bodies/rectangle.js';
import type { Readings } from '../reference.js';
import { snappyLiteral } from './snappy.js';

export function remoteWriteBody(
  metric: string,
  readings: readonly Readings[],
  { sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle,
): Buffer {
  const series: Buffer[] = [];
  for (const { source, fields, timeAt } of readings.slice(sourceFrom, sourceTo)) {
    for (const [field, valueAt] of fields) {
      // Labels go by name.
      const parts = [label('__name__', metric), label('field', field), label('hostname', source)];
      for (let row = rowFrom; row < rowTo; row++) parts.push(sample(valueAt(row), timeAt(row)));
      series.push(message(1, Buffer.concat(parts)));
    }
  }
  return snappyLiteral(Buffer.concat(series));
}

function label(name: string, value: string): Buffer {
  return message(1, Buffer.concat([message(1, Buffer.from(name)), message(2, Buffer.from(value))]));
}

/** double value = 1; int64 timestamp = 2 */
function sample(value: number, time: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = (1 << 3) | 1;
  bytes.writeDoubleLE(value, 1);
  bytes[9] = 2 << 3;
  return message(2, Buffer.concat([bytes, varint(time)]));
}

/** A field that has its length before it. */
function message(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of((field << 3) | 2), varint(bytes.length), bytes]);
}

/** Whole numbers up to 2^53. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  bytes.push(left);
  return Buffer.from(bytes);
}
