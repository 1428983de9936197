/** What a dashboard is made of, as the API keeps it. */

export interface PanelSeries {
  readonly dataSourceId: string;
  readonly field: string;
}

export const PANEL_KINDS = ['chart', 'stat', 'table'] as const;
export const PANEL_WIDTHS = ['half', 'full'] as const;
export const PANEL_HEIGHTS = ['small', 'normal', 'tall'] as const;
export const DRAWINGS = ['band', 'm4'] as const;
export const STATISTICS = ['last', 'min', 'max', 'avg', 'count'] as const;

export type PanelKind = (typeof PANEL_KINDS)[number];
export type PanelWidth = (typeof PANEL_WIDTHS)[number];
export type PanelHeight = (typeof PANEL_HEIGHTS)[number];
export type PanelDrawing = (typeof DRAWINGS)[number];
export type Statistic = (typeof STATISTICS)[number];

export interface Panel {
  /** Of this dashboard. */
  readonly id: string;
  readonly kind: PanelKind;
  readonly title: string;
  readonly width: PanelWidth;
  readonly height: PanelHeight;
  /** Of charts. */
  readonly drawing?: PanelDrawing;
  /** Of tiles. */
  readonly statistic?: Statistic;
  readonly series: readonly PanelSeries[];
}

/** As many as the API takes. */
export const PANELS_MAX = 50;
export const SERIES_MAX = 20;
export const TITLE_MAX = 100;
const ID_MAX = 40;
const FIELD_MAX = 128;

const ID = /^[0-9a-f]{24}$/;

/** Panels that came from an address, which anybody may have written; undefined where they are none. */
export function readPanels(value: unknown): readonly Panel[] | undefined {
  if (!Array.isArray(value) || value.length > PANELS_MAX) return undefined;
  const panels = value.map(readPanel);
  const ids = new Set(panels.map(panel => panel?.id));
  return panels.includes(undefined) || ids.size < panels.length ? undefined : (panels as Panel[]);
}

function readPanel(value: unknown): Panel | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, kind, title, width, height, drawing, statistic, series } = value as Record<string, unknown>;
  const isPanel =
    isText(id, 1, ID_MAX) &&
    isText(title, 0, TITLE_MAX) &&
    isOneOf(PANEL_KINDS, kind) &&
    isOneOf(PANEL_WIDTHS, width) &&
    isOneOf(PANEL_HEIGHTS, height) &&
    (drawing === undefined || isOneOf(DRAWINGS, drawing)) &&
    (statistic === undefined || isOneOf(STATISTICS, statistic)) &&
    Array.isArray(series) &&
    series.length <= SERIES_MAX &&
    series.every(isSeries);
  if (!isPanel) return undefined;
  return {
    id,
    kind,
    title,
    width,
    height,
    ...(drawing !== undefined && { drawing }),
    ...(statistic !== undefined && { statistic }),
    series: series.map(({ dataSourceId, field }) => ({ dataSourceId, field })),
  };
}

function isSeries(value: unknown): value is PanelSeries {
  if (typeof value !== 'object' || value === null) return false;
  const { dataSourceId, field } = value as Record<string, unknown>;
  return typeof dataSourceId === 'string' && ID.test(dataSourceId) && isText(field, 1, FIELD_MAX);
}

function isText(value: unknown, lengthMin: number, lengthMax: number): value is string {
  return typeof value === 'string' && value.length >= lengthMin && value.length <= lengthMax;
}

function isOneOf<Name extends string>(names: readonly Name[], value: unknown): value is Name {
  return names.includes(value as Name);
}
