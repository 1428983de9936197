/** What the playground shows and knows. */
import { computed, signal } from '@preact/signals';
import { currentKey } from '../base/keys.js';
import { type OpenApiDocument, type Operation, readSections, type Section } from './document.js';
import { shownForm, type Typed, UNTOUCHED } from './form.js';
import type { Entry } from './history.js';
import type { KnownIds } from './ids.js';
import { requestOf } from './request.js';
import { storedSignal } from './stored.js';

export const TOUR = 'tour';

export const sections = signal<readonly Section[]>([]);
/** Why there are none. */
export const documentFailure = signal<unknown>(undefined);
export const operations = computed(() => sections.value.flatMap(section => section.operations));

export const ids = storedSignal<KnownIds>('dakkio.playground.ids', {});
export const history = storedSignal<readonly Entry[]>('dakkio.playground.history', []);
/** Operations that were sent with success. */
export const done = storedSignal<readonly string[]>('dakkio.playground.done', []);
/** By operation. */
export const typed = signal<Readonly<Record<string, Typed>>>({});

/** Of the address: an operation, or the tour. */
const place = signal(hashText());

addEventListener('hashchange', () => {
  place.value = hashText();
});

function hashText(): string {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    // Whatever it is, it names no operation.
    return text;
  }
}

export const isTour = computed(() => place.value === TOUR);

/** The first where the address names none. */
export const operation = computed<Operation | undefined>(
  () => operations.value.find(({ id }) => id === place.value) ?? operations.value[0],
);

export const form = computed(() =>
  operation.value === undefined
    ? undefined
    : shownForm(operation.value, typed.value[operation.value.id] ?? UNTOUCHED, ids.value),
);

/** What Send sends. */
export const request = computed(() =>
  operation.value === undefined || form.value === undefined
    ? undefined
    : requestOf(operation.value, form.value, currentKey.value),
);

export function changeForm(id: string, change: Partial<Typed>): void {
  typed.value = { ...typed.value, [id]: { ...(typed.value[id] ?? UNTOUCHED), ...change } };
}

/** `POST /api/buckets` */
export function operationAt(route: string): Operation | undefined {
  return operations.value.find(({ method, path }) => `${method} ${path}` === route);
}

export async function loadDocument(): Promise<void> {
  documentFailure.value = undefined;
  try {
    const response = await fetch('/openapi.json');
    if (!response.ok) throw new Error(`The server answered ${response.status} for /openapi.json`);
    sections.value = readSections((await response.json()) as OpenApiDocument);
  } catch (error) {
    documentFailure.value = error instanceof TypeError ? new Error('The server does not answer') : error;
  }
}
