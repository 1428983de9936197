/** Keys that work wherever one is, as long as nothing is being written. */
import { signal } from '@preact/signals';
import { viewOfKey } from '../chart/keys.js';
import { panels, resetView, setView, toggleLive, view } from './board.js';
import { place, show } from './navigation.js';
import { PANELS_MAX, type Panel } from './panel.js';
import { newPanel } from './panels.js';
import { mayWrite, session } from './session.js';
import { sources } from './sources.js';

/** In the dialog; undefined while it is closed. */
export const editedPanel = signal<Panel | undefined>(undefined);

export const isHelpOpen = signal(false);

/** On narrow pages, where it is folded away otherwise. */
export const isSidebarOpen = signal(false);

export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['/', 'Search sources'],
  ['← →', 'Earlier, later; with Shift farther'],
  ['+ −', 'Zoom in, zoom out'],
  ['Esc', 'Back to the range before'],
  ['l', 'Follow new points, or stop'],
  ['n', 'New panel'],
  ['?', 'These keys'],
];

export function listenForKeys(): () => void {
  addEventListener('keydown', onKeyDown);
  return () => removeEventListener('keydown', onKeyDown);
}

function onKeyDown(event: KeyboardEvent): void {
  const { key } = event;
  const target = event.target as Element;
  const isElsewhere =
    target.matches('input, select, textarea') || document.querySelector('dialog[open]') !== null;
  const isTaken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey;
  if (isElsewhere || isTaken || session.peek() === undefined) return;
  if (act(key, event.shiftKey)) event.preventDefault();
}

/** @returns whether the key does something here */
function act(key: string, isShifted: boolean): boolean {
  if (key === '?') {
    isHelpOpen.value = true;
    return true;
  }
  if (key === '/') return search();
  if (place.peek().view !== 'board') {
    if (key !== 'Escape') return false;
    show('board');
    return true;
  }
  return actOnBoard(key, isShifted);
}

/** In what is shown; else among the sources, which a narrow page folds away. */
function search(): boolean {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('main input[type="search"], .source-search')];
  const seen = boxes.find(box => box.checkVisibility());
  if (seen !== undefined) seen.focus();
  else if (boxes.length > 0) {
    isSidebarOpen.value = true;
    // It can be focused when it is drawn.
    requestAnimationFrame(() => boxes.at(-1)?.focus());
  }
  return boxes.length > 0;
}

function actOnBoard(key: string, isShifted: boolean): boolean {
  const next = viewOfKey(key, isShifted, view.peek());
  if (next !== undefined) setView(next, true);
  else if (key === 'Escape') resetView();
  else if (key === 'l') toggleLive();
  else if (key === 'n' && mayWrite.peek() && sources.peek()?.length && panels.peek().length < PANELS_MAX) {
    editedPanel.value = newPanel(panels.peek(), {});
  } else return false;
  return true;
}
