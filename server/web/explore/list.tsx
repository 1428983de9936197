import { Icon } from '../base/icon.js';
import { PAGE_ITEMS, type Shown, type Sort, sortedBy } from './paging.js';

export function SearchBox(props: {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
}) {
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={props.label}
        placeholder={props.label}
        value={props.value}
        onInput={event => props.onValue(event.currentTarget.value)}
      />
    </div>
  );
}

/** Of a column by which a table can be sorted. */
export function SortHeader<Column extends string>(props: {
  readonly name: string;
  readonly column: Column;
  readonly sort: Sort<Column>;
  readonly isNumber?: boolean;
  readonly class?: string;
  readonly onSort: (sort: Sort<Column>) => void;
}) {
  const { name, column, sort, isNumber = false, onSort } = props;
  const isSorted = sort.column === column;
  const order = sort.isDescending ? 'descending' : 'ascending';
  return (
    <th class={`${isNumber ? 'number' : ''} ${props.class ?? ''}`} aria-sort={isSorted ? order : undefined}>
      <button type="button" class="sort" onClick={() => onSort(sortedBy(sort, column, isNumber))}>
        {name}
        {isSorted && <span aria-hidden="true">{sort.isDescending ? '▾' : '▴'}</span>}
      </button>
    </th>
  );
}

/** Nothing where all fit on one page. */
export function Pager({
  shown,
  onPage,
}: {
  readonly shown: Shown<unknown>;
  readonly onPage: (page: number) => void;
}) {
  const { offset, items, count } = shown;
  if (count <= PAGE_ITEMS) return null;
  const page = offset / PAGE_ITEMS;
  const last = offset + items.length;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <span class="muted">
        {offset + 1}–{last} of {count}
      </span>
      <button type="button" class="button" disabled={page === 0} onClick={() => onPage(page - 1)}>
        Previous
      </button>
      <button type="button" class="button" disabled={last === count} onClick={() => onPage(page + 1)}>
        Next
      </button>
    </nav>
  );
}
