/** A simulated sensor in a greenhouse: a day of it, a reading a minute. Nothing here knows of a page. */

export interface Reading {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** °C */
  readonly temperature: number;
  /** % */
  readonly humidity: number;
}

const MINUTE = 60_000;
const READINGS = 24 * 60;
const DAY = READINGS * MINUTE;

/** The last at the given time, at most. The same time gives the same day. */
export function sensorDay(end: number): Reading[] {
  const last = Math.floor(end / MINUTE) * MINUTE;
  const random = randomOf(last / MINUTE);
  let cloud = 0;
  return Array.from({ length: READINGS }, (_, index) => {
    const time = last - (READINGS - 1 - index) * MINUTE;
    // Warmest at three in the afternoon; clouds come and go within the hour.
    const sun = Math.cos(((time % DAY) / DAY - 15 / 24) * 2 * Math.PI);
    cloud = cloud * 0.97 + (random() - 0.5) * 0.5;
    const temperature = 18 + 6 * sun + cloud + (random() - 0.5) * 0.3;
    const humidity = 64 - 14 * sun - 2 * cloud + (random() - 0.5) * 1.5;
    return { time, temperature: rounded(temperature), humidity: rounded(humidity) };
  });
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
