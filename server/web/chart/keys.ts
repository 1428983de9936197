/** What keys do to a view. */
import type { View } from './model.js';
import { panned, zoomed } from './zoom.js';

const PAN = 0.1;
const PAN_FAR = 0.5;
const ZOOM = 0.5;

/** Undefined where a key does nothing to it. */
export function viewOfKey(key: string, isShifted: boolean, view: View): View | undefined {
  const middle = (view.from + view.to) / 2;
  const pan = isShifted ? PAN_FAR : PAN;
  if (key === 'ArrowLeft') return panned(view, -pan);
  if (key === 'ArrowRight') return panned(view, pan);
  if (key === '+' || key === '=') return zoomed(view, ZOOM, middle);
  if (key === '-' || key === '_') return zoomed(view, 1 / ZOOM, middle);
  return undefined;
}
