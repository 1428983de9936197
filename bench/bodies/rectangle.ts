import type { Readings } from '../reference.js';

/** Some rows of some sources that are next to each other; ends are exclusive. They travel in one request. */
export interface Rectangle {
  readonly sourceFrom: number;
  readonly sourceTo: number;
  readonly rowFrom: number;
  readonly rowTo: number;
}

export function pointsOf({ sourceFrom, sourceTo, rowFrom, rowTo }: Rectangle): number {
  return (sourceTo - sourceFrom) * (rowTo - rowFrom);
}

/** All rows, time by time: as many sources as there are, or as fit, in each. All have one clock. */
export function rectanglesOf(readings: readonly Readings[], pointsMax: number): Rectangle[] {
  const sources = Math.min(readings.length, pointsMax);
  return tiles(readings, sources, Math.floor(pointsMax / sources));
}

/** All rows, one source in each: what comes from one thing that sends what it has gathered. */
export function sourceRectangles(readings: readonly Readings[], pointsMax: number): Rectangle[] {
  return tiles(readings, 1, pointsMax);
}

function tiles(readings: readonly Readings[], sources: number, rows: number): Rectangle[] {
  const rowCount = readings[0]?.rowCount ?? 0;
  const rectangles: Rectangle[] = [];
  for (let rowFrom = 0; rowFrom < rowCount; rowFrom += rows) {
    const rowTo = Math.min(rowCount, rowFrom + rows);
    for (let sourceFrom = 0; sourceFrom < readings.length; sourceFrom += sources) {
      const sourceTo = Math.min(readings.length, sourceFrom + sources);
      rectangles.push({ sourceFrom, sourceTo, rowFrom, rowTo });
    }
  }
  return rectangles;
}
