import { useState } from 'preact/hooks';
import { Dialog } from '../base/dialog.js';
import { SelectField } from '../base/form.js';
import { AndMore } from './and-more.js';
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

const KINDS = named(PANEL_KINDS, { chart: 'Line chart', stat: 'Figures', table: 'Table of points' });
const DRAWN_AS = named(DRAWINGS, { band: 'average, min to max', m4: 'every point (M4)' });
const FIGURES = named(STATISTICS, STATISTIC_WORDS);
const WIDTHS = named(PANEL_WIDTHS, { half: 'half', full: 'full' });
const HEIGHTS = named(PANEL_HEIGHTS, { small: 'small', normal: 'normal', tall: 'tall' });

function named<Value extends string>(all: readonly Value[], words: Readonly<Record<Value, string>>) {
  return all.map(value => [value, words[value]] as const);
}

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
      <form class="dialog-form" onSubmit={keep}>
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
          <SelectField label="Kind" options={KINDS} value={panel.kind} onValue={kind => change({ kind })} />
          {panel.kind === 'chart' && (
            <SelectField
              label="Drawn as"
              options={DRAWN_AS}
              value={panel.drawing ?? 'band'}
              onValue={drawing => change({ drawing })}
            />
          )}
          {panel.kind === 'stat' && (
            <SelectField
              label="Figure"
              options={FIGURES}
              value={panel.statistic ?? 'last'}
              onValue={statistic => change({ statistic })}
            />
          )}
          <SelectField
            label="Width"
            options={WIDTHS}
            value={panel.width}
            onValue={width => change({ width })}
          />
          <SelectField
            label="Height"
            options={HEIGHTS}
            value={panel.height}
            onValue={height => change({ height })}
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
      <AndMore count={offered.length - LISTED_MAX} />
      {offered.length === 0 && <p class="small muted">Nothing is called that.</p>}
    </fieldset>
  );
}
