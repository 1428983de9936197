/** Layouts that are equal are one object: see `Layout`. */
import type { Field, Layout } from './batch.js';

/** More differ than a fleet of sensors has models of; beyond, all begin anew, and only the recognising is lost. */
const LAYOUTS_MAX = 4_096;

const layouts = new Map<string, Layout>();

export function layoutOf(fields: readonly Field[]): Layout {
  const key = JSON.stringify(fields.map(({ name, type }) => [name, type]));
  let layout = layouts.get(key);
  if (layout === undefined) {
    if (layouts.size >= LAYOUTS_MAX) layouts.clear();
    layout = { fields: fields.map(({ name, type }) => ({ name, type })) };
    layouts.set(key, layout);
  }
  return layout;
}
