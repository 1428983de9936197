/** Places of labels beside the ends of lines, so that none covers another. */

/**
 * @param wanted middles of the labels, in pixels from the top
 * @param room from inclusive, to exclusive
 * @returns middles, as near as may be; undefined where there is no room for all
 */
export function placeLabels(
  wanted: readonly number[],
  height: number,
  room: { readonly top: number; readonly bottom: number },
): number[] | undefined {
  if (wanted.length * height > room.bottom - room.top) return undefined;
  const order = [...wanted.keys()].sort((left, right) => wanted[left] - wanted[right]);
  const places: number[] = [];
  let least = room.top + height / 2;
  for (const index of order) {
    places[index] = Math.max(least, wanted[index]);
    least = places[index] + height;
  }
  let most = room.bottom - height / 2;
  for (const index of order.reverse()) {
    places[index] = Math.min(places[index], most);
    most = places[index] - height;
  }
  return places;
}
