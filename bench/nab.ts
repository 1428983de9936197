/** The Numenta Anomaly Benchmark's series, where a copy of them lies beside the project. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Series } from './workload.js';

/** undefined where there is no such folder. */
export function readNab(directory: string): Series[] | undefined {
  if (!existsSync(directory)) return undefined;
  const folders = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory());
  return folders.flatMap(folder =>
    readdirSync(join(directory, folder.name))
      .filter(name => name.endsWith('.csv'))
      .map(name => readSeries(join(directory, folder.name, name))),
  );
}

/** `timestamp,value` with a header; `YYYY-MM-DD HH:MM:SS[.ffffff]` in UTC, kept to the millisecond. */
function readSeries(path: string): Series {
  const lines = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  const timestamps = new Float64Array(lines.length);
  const values = new Float64Array(lines.length);
  for (let row = 0; row < lines.length; row++) {
    const [time, value] = lines[row].split(',');
    timestamps[row] = Date.parse(`${time.replace(' ', 'T').slice(0, 23)}Z`);
    values[row] = Number(value);
  }
  return { source: basename(path, '.csv'), timestamps, fields: new Map([['value', values]]) };
}
