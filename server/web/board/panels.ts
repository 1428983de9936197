/** What may be done with the panels of a dashboard, and the dashboard that makes itself. Nothing here knows of a page. */
import type { Series } from '../chart/model.js';
import type { Panel, PanelSeries } from './panel.js';
import { PANELS_MAX, SERIES_MAX } from './panel.js';

export interface KnownField {
  readonly name: string;
  readonly type: 'number' | 'string' | 'boolean';
  readonly unit?: string;
}

/** A data source as a dashboard needs it. */
export interface KnownSource {
  readonly _id: string;
  readonly name: string;
  /** Place in the list of all: it decides the colour. */
  readonly index: number;
  readonly fields: readonly KnownField[];
}

const COLOURS = 8;
/** Of the dashboard that makes itself. */
const SOURCES_SHOWN = 4;
const CHARTS_MAX = 6;

/** The same everywhere. 1 to 8. */
export function sourceColour(source: Pick<KnownSource, 'index'>): number {
  return (source.index % COLOURS) + 1;
}

/** The first series of each source has the colour of the source; others in the panel have what is free. */
export function seriesOfPanel(
  panel: Panel,
  bucketId: string,
  sources: ReadonlyMap<string, KnownSource>,
): Series[] {
  const colours = coloursOf(panel.series, sources);
  const isOfOneSource = new Set(panel.series.map(({ dataSourceId }) => dataSourceId)).size === 1;
  const isOfOneField = new Set(panel.series.map(({ field }) => field)).size === 1;
  return panel.series.map(({ dataSourceId, field }, index) => {
    const source = sources.get(dataSourceId);
    const name = source?.name ?? 'deleted source';
    const label = isOfOneField ? name : isOfOneSource ? field : `${name} ${field}`;
    const unit = source?.fields.find(({ name }) => name === field)?.unit;
    return {
      bucketId,
      dataSourceId,
      field,
      label,
      ...(unit !== undefined && { unit }),
      colour: colours[index],
    };
  });
}

function coloursOf(series: readonly PanelSeries[], sources: ReadonlyMap<string, KnownSource>): number[] {
  const colours: number[] = [];
  const own = new Map<string, number>();
  for (const { dataSourceId } of series) {
    const source = sources.get(dataSourceId);
    if (source !== undefined) own.set(dataSourceId, sourceColour(source));
  }
  const kept = new Set(own.values());
  for (const { dataSourceId } of series) {
    const colour = own.get(dataSourceId);
    own.delete(dataSourceId);
    colours.push(colour !== undefined && !colours.includes(colour) ? colour : freeColour(kept, colours));
  }
  return colours;
}

/** Neither used nor some source's own, as long as there is one. */
function freeColour(kept: ReadonlySet<number>, used: readonly number[]): number {
  const all = Array.from({ length: COLOURS }, (_, index) => index + 1);
  const free = all.find(colour => !kept.has(colour) && !used.includes(colour));
  return free ?? all.find(colour => !used.includes(colour)) ?? (used.length % COLOURS) + 1;
}

/** A chart for each field and unit of a few sources. @param chosen ids; the first few where there are none */
export function automaticPanels(sources: readonly KnownSource[], chosen?: readonly string[]): Panel[] {
  const shown =
    chosen === undefined
      ? sources.filter(({ fields }) => fields.some(isDrawn)).slice(0, SOURCES_SHOWN)
      : sources.filter(({ _id }) => chosen.includes(_id));
  let panels: Panel[] = [];
  for (const source of shown)
    panels = withSource(panels, source, chosen === undefined ? CHARTS_MAX : PANELS_MAX);
  const width = panels.length <= 2 ? 'full' : 'half';
  // An odd one has the line to itself.
  return panels.map((panel, index) => ({
    ...panel,
    id: `auto-${index + 1}`,
    width: index === 0 && panels.length % 2 === 1 ? 'full' : width,
  }));
}

export function isDrawn({ type }: KnownField): boolean {
  return type !== 'string';
}

/** Each field on a chart of its kind, or on a new one. */
export function withSource(panels: readonly Panel[], source: KnownSource, chartsMax = PANELS_MAX): Panel[] {
  const next = [...panels];
  for (const { name, unit } of source.fields.filter(isDrawn)) {
    const title = unit === undefined || unit === '' ? name : `${name} ${unit}`;
    const series = { dataSourceId: source._id, field: name };
    const at = next.findIndex(
      panel => panel.kind === 'chart' && panel.series.length < SERIES_MAX && panel.title === title,
    );
    if (at >= 0) next[at] = { ...next[at], series: [...next[at].series, series] };
    else if (next.length < chartsMax)
      next.push(newPanel(next, { title: title.slice(0, 100), series: [series] }));
  }
  return next;
}

/** Panels that have nothing left are gone. */
export function withoutSource(panels: readonly Panel[], sourceId: string): Panel[] {
  return panels
    .map(panel => ({
      ...panel,
      series: panel.series.filter(({ dataSourceId }) => dataSourceId !== sourceId),
    }))
    .filter((panel, index) => panel.series.length > 0 || panels[index].series.length === 0);
}

export function newPanel(panels: readonly Panel[], given: Partial<Panel>): Panel {
  return {
    kind: 'chart',
    title: '',
    width: 'half',
    height: 'normal',
    drawing: 'band',
    series: [],
    ...given,
    id: freeId(panels),
  };
}

function freeId(panels: readonly Panel[]): string {
  const ids = new Set(panels.map(({ id }) => id));
  let number = panels.length + 1;
  while (ids.has(`panel-${number}`)) number++;
  return `panel-${number}`;
}

export function withPanel(panels: readonly Panel[], panel: Panel): Panel[] {
  const isThere = panels.some(({ id }) => id === panel.id);
  return isThere ? panels.map(one => (one.id === panel.id ? panel : one)) : [...panels, panel];
}

/** Behind the one it is like. */
export function withCopy(panels: readonly Panel[], panel: Panel): Panel[] {
  const at = panels.findIndex(({ id }) => id === panel.id);
  return panels.toSpliced(at + 1, 0, newPanel(panels, panel));
}

export function moved(panels: readonly Panel[], id: string, to: number): Panel[] {
  const from = panels.findIndex(panel => panel.id === id);
  const place = Math.min(Math.max(to, 0), panels.length - 1);
  return panels.toSpliced(from, 1).toSpliced(place, 0, panels[from]);
}

/** Undefined where all of its sources are there. */
export function goneText(
  { series }: Pick<Panel, 'series'>,
  sources: ReadonlyMap<string, KnownSource>,
): string | undefined {
  const gone = sourceIdsOf([{ series }]).filter(id => !sources.has(id)).length;
  if (gone === 0) return undefined;
  if (!series.some(({ dataSourceId }) => sources.has(dataSourceId))) {
    return gone === 1 ? 'Its source was deleted.' : 'Its sources were deleted.';
  }
  return gone === 1 ? 'One of its sources was deleted.' : `${gone} of its sources were deleted.`;
}

export function isShown(panels: readonly Panel[], sourceId: string): boolean {
  return panels.some(({ series }) => series.some(({ dataSourceId }) => dataSourceId === sourceId));
}

export function sourceIdsOf(panels: readonly { readonly series: readonly PanelSeries[] }[]): string[] {
  return [...new Set(panels.flatMap(({ series }) => series.map(({ dataSourceId }) => dataSourceId)))];
}
