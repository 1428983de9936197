import { useState } from 'preact/hooks';
import { Dialog } from '../base/dialog.js';
import { panels, setPanels } from './board.js';
import {
  DRAWINGS,
  PANEL_HEIGHTS,
  PANEL_KINDS,
  PANEL_WIDTHS,
  type Panel,
  SERIES_MAX,
  STATISTICS,
  TITLE_MAX,
} from './panel.js';
import { isDrawn, type KnownSource, withPanel } from './panels.js';
import { knownById, knownSources } from './sources.js';
import { STATISTIC_WORDS } from './statistic.js';

const KIND_WORDS = { chart: 'Line chart', stat: 'Figures', table: 'Table of points' } as const;
const DRAWING_WORDS = { band: 'average, min to max', m4: 'every point (M4)' } as const;
const WIDTH_WORDS = { half: 'half', full: 'full' } as const;
const HEIGHT_WORDS = { small: 'small', normal: 'normal', tall: 'tall' } as const;

export function PanelEditor(props: {
  readonly panel: Panel;
  readonly isNew: boolean;
  readonly onClose: () => void;
}) {
  const { isNew, onClose } = props;
  const [panel, setPanel] = useState(withoutGone(props.panel));
  const change = (changed: Partial<Panel>) => setPanel({ ...panel, ...changed });
  const keep = (event: SubmitEvent) => {
    event.preventDefault();
    if (panel.series.length === 0) return;
    const title = panel.title.trim() === '' ? titleOf(panel) : panel.title.trim();
    setPanels(withPanel(panels.peek(), { ...panel, title }));
    onClose();
  };
  return (
    <Dialog title={isNew ? 'New panel' : 'Edit panel'} onClose={onClose}>
      <form class="form" onSubmit={keep}>
        <label class="field">
          <span>Title</span>
          <input
            maxLength={TITLE_MAX}
            placeholder={titleOf(panel)}
            value={panel.title}
            onInput={({ currentTarget }) => change({ title: currentTarget.value })}
          />
        </label>
        <div class="choices">
          <Select
            label="Kind"
            words={KIND_WORDS}
            all={PANEL_KINDS}
            value={panel.kind}
            onChange={kind => change({ kind })}
          />
          {panel.kind === 'chart' && (
            <Select
              label="Drawn as"
              words={DRAWING_WORDS}
              all={DRAWINGS}
              value={panel.drawing ?? 'band'}
              onChange={drawing => change({ drawing })}
            />
          )}
          {panel.kind === 'stat' && (
            <Select
              label="Figure"
              words={STATISTIC_WORDS}
              all={STATISTICS}
              value={panel.statistic ?? 'last'}
              onChange={statistic => change({ statistic })}
            />
          )}
          <Select
            label="Width"
            words={WIDTH_WORDS}
            all={PANEL_WIDTHS}
            value={panel.width}
            onChange={width => change({ width })}
          />
          <Select
            label="Height"
            words={HEIGHT_WORDS}
            all={PANEL_HEIGHTS}
            value={panel.height}
            onChange={height => change({ height })}
          />
        </div>
        <Picker panel={panel} onChange={series => change({ series })} />
        <footer>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={panel.series.length === 0}>
            {isNew ? 'Add panel' : 'Done'}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

/** What is not offered cannot be unticked. */
function withoutGone(panel: Panel): Panel {
  const known = knownById.peek();
  return { ...panel, series: panel.series.filter(({ dataSourceId }) => known.has(dataSourceId)) };
}

function titleOf({ series }: Panel): string {
  return [...new Set(series.map(({ field }) => field))].join(', ').slice(0, TITLE_MAX);
}

function Select<Value extends string>(props: {
  readonly label: string;
  readonly words: Readonly<Record<Value, string>>;
  readonly all: readonly Value[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}) {
  const { label, words, all, value, onChange } = props;
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value as Value)}>
        {all.map(one => (
          <option key={one} value={one}>
            {words[one]}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The search box finds the others. */
const LISTED_MAX = 100;

function Picker({
  panel,
  onChange,
}: {
  readonly panel: Panel;
  readonly onChange: (series: Panel['series']) => void;
}) {
  const [search, setSearch] = useState('');
  const words = search.toLowerCase().split(/\s+/);
  const has = (source: KnownSource, field: string) =>
    panel.series.findIndex(one => one.dataSourceId === source._id && one.field === field);
  const offered = knownSources.value
    .flatMap(source =>
      source.fields
        .filter(field => panel.kind === 'table' || isDrawn(field))
        .map(({ name, unit }) => ({ source, name, unit })),
    )
    .filter(({ source, name }) => words.every(word => `${source.name} ${name}`.toLowerCase().includes(word)));
  const toggle = (source: KnownSource, field: string) => {
    const at = has(source, field);
    onChange(at < 0 ? [...panel.series, { dataSourceId: source._id, field }] : panel.series.toSpliced(at, 1));
  };
  return (
    <fieldset class="picker">
      <legend class="small muted">
        Sources and fields, {panel.series.length} of at most {SERIES_MAX} chosen
      </legend>
      <input
        type="search"
        placeholder="Search sources and fields"
        aria-label="Search sources and fields"
        value={search}
        onInput={({ currentTarget }) => setSearch(currentTarget.value)}
      />
      <ul>
        {offered.slice(0, LISTED_MAX).map(({ source, name, unit }) => (
          <li key={`${source._id} ${name}`}>
            <label>
              <input
                type="checkbox"
                checked={has(source, name) >= 0}
                disabled={has(source, name) < 0 && panel.series.length >= SERIES_MAX}
                onChange={() => toggle(source, name)}
              />
              <span class="clipped">{source.name}</span> <b>{name}</b> <span class="muted">{unit}</span>
            </label>
          </li>
        ))}
      </ul>
      {offered.length > LISTED_MAX && (
        <p class="small muted">And {offered.length - LISTED_MAX} more: search for them.</p>
      )}
      {offered.length === 0 && <p class="small muted">Nothing is called that.</p>}
    </fieldset>
  );
}
