/** Small things that the views share. */
import type { ComponentChildren } from 'preact';
import { agoText, timeText } from '../base/format.js';
import { Icon, type IconName } from '../base/icon.js';

/** A figure and what it is. */
export function Tile(props: { readonly name: string; readonly value: string; readonly note?: string }) {
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd>
        <strong>{props.value}</strong>
        {props.note !== undefined && <span class="muted small">{props.note}</span>}
      </dd>
    </div>
  );
}

export function Tiles({ children }: { readonly children: ComponentChildren }) {
  return <dl class="tiles">{children}</dl>;
}

/** How long ago, and exactly when under the pointer. */
export function Ago({ time, timezone }: { readonly time: string | null; readonly timezone: string }) {
  if (time === null) return <span class="muted">never</span>;
  const milliseconds = Date.parse(time);
  const isAhead = milliseconds > Date.now() + 1_000;
  const exact = timeText(milliseconds, timezone);
  return (
    <time dateTime={time} title={`${exact} ${timezone}`}>
      {isAhead ? exact : agoText(milliseconds, Date.now())}
    </time>
  );
}

export function Time({ time, timezone }: { readonly time: string; readonly timezone: string }) {
  return <time dateTime={time}>{timeText(Date.parse(time), timezone)}</time>;
}

/** Nothing here yet: the one next thing to do. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}

/** What is coming. */
export function Skeleton() {
  return <div class="skeleton explore-skeleton" role="status" aria-label="Loading" />;
}

export function Button(props: {
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  readonly kind?: 'primary' | 'danger';
  readonly disabled?: boolean;
  /** Where several on the page are called alike. */
  readonly label?: string;
  readonly onClick: () => void;
}) {
  const { icon, children, kind = '', disabled, label, onClick } = props;
  return (
    <button type="button" class={`button ${kind}`} disabled={disabled} aria-label={label} onClick={onClick}>
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A table that may be wider than the page: it alone scrolls then. */
export function Table({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the keyboard
    <section class="table" aria-label={name} tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}
