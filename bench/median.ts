/** Times of this process on a machine with neighbours: by the CPU, and the median. */

/** Of all threads of the process, user and system. */
export function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The lower one of the two in the middle, where there are two. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[(numbers.length - 1) >>> 1];
}
