/** Lists of any length, of which a page shows some. Nothing here knows of a page. */

export const PAGE_ITEMS = 50;

export interface Sort<Column extends string> {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** A click on a column: its own order first, the other the second time. */
export function sortedBy<Column extends string>(
  sort: Sort<Column>,
  column: Column,
  isDescendingFirst: boolean,
): Sort<Column> {
  if (sort.column === column) return { column, isDescending: !sort.isDescending };
  return { column, isDescending: isDescendingFirst };
}

/** Nothing stands last, in either order; what is equal stays in its order. */
export function sorted<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | number | null,
  isDescending: boolean,
): Item[] {
  const sign = isDescending ? -1 : 1;
  return [...items].sort((left, right) => {
    const [one, two] = [keyOf(left), keyOf(right)];
    if (one === null || two === null) return Number(one === null) - Number(two === null);
    if (typeof one === 'number' && typeof two === 'number') return sign * (one - two);
    return sign * collator.compare(String(one), String(two));
  });
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Items of which some text has every word. */
export function found<Item>(
  items: readonly Item[],
  search: string,
  textsOf: (item: Item) => readonly string[],
): readonly Item[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter(word => word !== '');
  if (words.length === 0) return items;
  return items.filter(item => {
    const text = textsOf(item).join('\n').toLowerCase();
    return words.every(word => text.includes(word));
  });
}

export interface Shown<Item> {
  readonly items: readonly Item[];
  /** Of the first that is shown, from 0. */
  readonly offset: number;
  readonly count: number;
}

/** Of the last page there is, where the page asked for is beyond it. */
export function pageOf<Item>(items: readonly Item[], page: number): Shown<Item> {
  const lastPage = Math.max(0, Math.ceil(items.length / PAGE_ITEMS) - 1);
  const offset = Math.min(page, lastPage) * PAGE_ITEMS;
  return { items: items.slice(offset, offset + PAGE_ITEMS), offset, count: items.length };
}
