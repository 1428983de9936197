/** Sections and operations, and a search over them. On a phone a strip of numbers and a choice. */
import { signal } from '@preact/signals';
import { Icon } from '../base/icon.js';
import type { Operation, Section } from './document.js';
import { exchangeOf } from './exchange.js';
import { done, isTour, operation, operations, sections } from './state.js';

const sought = signal('');
export const SEARCH_ID = 'search';

export function Navigation() {
  const here = isTour.value ? undefined : operation.value;
  return (
    <nav class="operations" aria-label="Endpoints">
      <Search />
      {sought.value === '' ? (
        <>
          <ol class="sections">
            {sections.value.map(section => (
              <SectionItem key={section.number} section={section} here={here} />
            ))}
          </ol>
          <NarrowChoice here={here} />
        </>
      ) : (
        <Found here={here} />
      )}
    </nav>
  );
}

function Search() {
  return (
    <input
      id={SEARCH_ID}
      class="search"
      type="search"
      placeholder="Search endpoints  /"
      aria-label="Search endpoints"
      value={sought.value}
      onInput={event => {
        sought.value = event.currentTarget.value;
      }}
      onKeyDown={event => {
        const [first] = found();
        if (event.key === 'Enter' && sought.value !== '' && first !== undefined) location.hash = first.id;
        else if (event.key !== 'Escape') return;
        sought.value = '';
        event.currentTarget.blur();
      }}
    />
  );
}

function found(): Operation[] {
  const words = sought.value.toLowerCase().split(/\s+/);
  return operations.value.filter(({ method, path, summary }) => {
    const text = `${method} ${path} ${summary}`.toLowerCase();
    return words.every(word => text.includes(word));
  });
}

function Found({ here }: { readonly here: Operation | undefined }) {
  const list = found();
  if (list.length === 0) return <p class="muted small">No endpoint has these words.</p>;
  return <OperationList operations={list} here={here} />;
}

function SectionItem({ section, here }: { readonly section: Section; readonly here: Operation | undefined }) {
  const { number, name, operations } = section;
  const isHere = here?.section === number;
  const [first] = operations;
  return (
    <li>
      <a
        class="section"
        href={`#${first.id}`}
        aria-current={isHere ? 'true' : undefined}
        title={section.description}
      >
        <span class="order">{number}</span>
        <span class="name">{name}</span>
        <Mark section={section} isHere={isHere} />
      </a>
      {isHere && <OperationList operations={operations} here={here} />}
    </li>
  );
}

function Mark({ section, isHere }: { readonly section: Section; readonly isHere: boolean }) {
  const isDone = section.operations.some(({ id }) => done.value.includes(id));
  if (isDone) {
    return (
      <span class="done">
        <Icon name="check" />
        <span class="visually-hidden">, sent with success</span>
      </span>
    );
  }
  return isHere ? <span class="here" aria-hidden="true" /> : null;
}

function OperationList(props: {
  readonly operations: readonly Operation[];
  readonly here: Operation | undefined;
}) {
  return (
    <ul class="operation-list">
      {props.operations.map(({ id, method, summary, path }) => (
        <li key={id}>
          <a
            href={`#${id}`}
            title={`${method} ${path}`}
            aria-current={id === props.here?.id ? 'page' : undefined}
          >
            <Method name={method} />
            <span class="summary">{summary}</span>
            {exchangeOf(id).isUnderWay && <span class="here" title="Under way" />}
          </a>
        </li>
      ))}
    </ul>
  );
}

export function Method({ name }: { readonly name: string }) {
  return <span class={`method ${name.toLowerCase()}`}>{name}</span>;
}

/** Where there is no room for lists. */
function NarrowChoice({ here }: { readonly here: Operation | undefined }) {
  const own = sections.value.find(({ number }) => number === here?.section);
  if (own === undefined) return null;
  return (
    <select
      class="narrow-choice"
      aria-label={`Endpoints of ${own.name}`}
      value={here?.id}
      onChange={event => {
        location.hash = event.currentTarget.value;
      }}
    >
      {own.operations.map(({ id, method, summary }) => (
        <option key={id} value={id}>
          {method} {summary}
        </option>
      ))}
    </select>
  );
}
