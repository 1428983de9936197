/** What the bar at the top opens: buckets, ranges of time, time zones. */
import { useState } from 'preact/hooks';
import { timeText } from '../base/format.js';
import { Icon } from '../base/icon.js';
import { Item, Popover, useClose } from '../base/popover.js';
import { AndMore } from './and-more.js';
import { isLive, now, range, setRange, setTimezone, timezone, toggleLive } from './board.js';
import { stream } from './loading.js';
import { isTimezone } from './location.js';
import { QUICK_RANGES, rangeFault, rangeShortText, rangeText } from './range.js';
import { currentBucket, openBucket, session } from './session.js';
import { absoluteTime, isRelative, parseTime } from './times.js';

/** More would be slow to draw, and nobody reads them: the search box is for that. */
const LISTED_MAX = 100;

export function BucketMenu() {
  const buckets = session.value?.buckets ?? [];
  const bucket = currentBucket.value;
  if (bucket === undefined) return null;
  if (buckets.length === 1 && session.value?.apiKey.type !== 'admin') {
    return (
      <span class="bucket-name">
        <Icon name="bucket" />
        <span class="clipped">{bucket.name}</span>
      </span>
    );
  }
  return (
    <Popover
      class="button quiet"
      button={
        <>
          <Icon name="bucket" />
          <span class="visually-hidden">Bucket</span>
          <span class="clipped">{bucket.name}</span>
          <Icon name="chevron" />
        </>
      }
    >
      <Choice
        what="buckets"
        all={buckets.map(({ _id, name }) => [_id, name])}
        chosen={bucket._id}
        onChoose={openBucket}
      />
    </Popover>
  );
}

/** A list, with a search box where it is long. */
function Choice(props: {
  readonly what: string;
  readonly all: readonly (readonly [value: string, name: string])[];
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
}) {
  const { what, all, chosen, onChoose } = props;
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = all.filter(([, name]) => name.toLowerCase().includes(wanted));
  return (
    <>
      {all.length > 8 && (
        <input
          type="search"
          placeholder={`Search ${all.length} ${what}`}
          aria-label={`Search ${what}`}
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      )}
      {found.slice(0, LISTED_MAX).map(([value, name]) => (
        <Item key={value} isChosen={value === chosen} onChoose={() => onChoose(value)}>
          <span class="clipped">{name}</span>
        </Item>
      ))}
      {found.length === 0 && <p class="small muted">None is called that.</p>}
      <AndMore count={found.length - LISTED_MAX} />
    </>
  );
}

export function RangeMenu() {
  return (
    <Popover
      class="button quiet"
      button={
        <>
          <Icon name="clock" />
          <span class="visually-hidden">Range</span>
          <span class="clipped range-text on-desk">{rangeText(range.value, timezone.value, now.value)}</span>
          <span class="clipped on-phone">{rangeShortText(range.value, now.value)}</span>
          <Icon name="chevron" />
        </>
      }
    >
      <Ranges />
    </Popover>
  );
}

function Ranges() {
  const { from, to } = range.value;
  return (
    <div class="ranges">
      <div class="quick">
        {QUICK_RANGES.map(([span, name]) => (
          <Item
            key={span}
            isChosen={from === `now-${span}` && to === 'now'}
            onChoose={() => setRange({ from: `now-${span}`, to: 'now' })}
          >
            {name}
          </Item>
        ))}
      </div>
      <OwnRange />
    </div>
  );
}

function OwnRange() {
  const close = useClose();
  const zone = timezone.value;
  const [shown] = useState({ from: written(range.peek().from, zone), to: written(range.peek().to, zone) });
  const [from, setFrom] = useState(shown.from);
  const [to, setTo] = useState(shown.to);
  const fault = rangeFault({ from: from.trim(), to: to.trim() }, now.peek(), zone);
  const apply = (event: SubmitEvent) => {
    event.preventDefault();
    if (fault !== undefined) return;
    close();
    // What nobody has changed stays as exact as it was.
    setRange({
      from: from === shown.from ? range.peek().from : absoluteTime(from.trim(), zone),
      to: to === shown.to ? range.peek().to : absoluteTime(to.trim(), zone),
    });
  };
  return (
    <form onSubmit={apply}>
      <label class="field">
        <span>From</span>
        <input
          class="code"
          value={from}
          spellcheck={false}
          aria-describedby="range-help"
          onInput={({ currentTarget }) => setFrom(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>To</span>
        <input
          class="code"
          value={to}
          spellcheck={false}
          aria-describedby="range-help"
          onInput={({ currentTarget }) => setTo(currentTarget.value)}
        />
      </label>
      <p id="range-help" class={fault === undefined ? 'small muted' : 'small fault'} aria-live="polite">
        {fault ?? `now-7d or 2024-01-15 10:30; without Z or +02:00 in ${zone}.`}
      </p>
      <button type="submit" class="button" disabled={fault !== undefined}>
        Show
      </button>
    </form>
  );
}

/** As the clock of the zone shows it. */
function written(text: string, zone: string): string {
  const time = isRelative(text) ? undefined : parseTime(text, 0);
  return time === undefined ? text : timeText(time, zone);
}

const LIVE_WORDS = {
  paused: 'paused',
  connecting: 'connecting',
  live: 'live',
  reconnecting: 'reconnecting',
  refused: 'ended',
} as const;

export function LiveSwitch() {
  const state = isLive.value ? stream.state.value : 'paused';
  const title = isLive.value ? 'Stop following new points (l)' : 'Follow new points (l)';
  return (
    <button
      type="button"
      class="button quiet live"
      aria-pressed={isLive.value}
      title={title}
      onClick={toggleLive}
    >
      <span class={`dot ${state}`} />
      {LIVE_WORDS[state]}
    </button>
  );
}

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter(name => name !== 'UTC')];

export function TimezoneMenu() {
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const first = [...new Set([timezone.value, local, 'UTC'])].filter(isTimezone);
  const others = ZONES.filter(name => !first.includes(name));
  const [, region = '', city] = /^(.*\/)?(.*)$/.exec(timezone.value.replaceAll('_', ' ')) ?? [];
  const named = [...first, ...others].map(name => [name, nameOf(name, local)] as const);
  return (
    <Popover
      class="button quiet timezone"
      side="right"
      button={
        <>
          <span class="visually-hidden">Time zone</span>
          <span class="clipped">
            <span class="on-desk">{region}</span>
            {city}
          </span>
          <Icon name="chevron" />
        </>
      }
    >
      <Choice what="time zones" all={named} chosen={timezone.value} onChoose={setTimezone} />
    </Popover>
  );
}

function nameOf(name: string, local: string): string {
  const shown = name.replaceAll('_', ' ');
  return name === local ? `${shown} (this machine)` : shown;
}
