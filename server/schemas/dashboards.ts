import { timezoneName } from '../../engine/query/zones.js';
import type { Panel, RangeEdge } from '../catalog/model.js';
import { refuseInvalid } from '../errors.js';
import {
  DASHBOARD_PANELS_MAX,
  NAME_CHARACTERS_MAX,
  PANEL_ID_CHARACTERS_MAX,
  PANEL_SERIES_MAX,
} from '../limits.js';
import { isId, nameSchema, textSchema } from './common.js';
import { fieldNameProblem } from './fields.js';
import { parseQueryTime, problemMessage } from './timestamp.js';
import Type, { type Static } from './typebox.js';

/** Text or milliseconds, as queries take them: what it means is found out when it is asked for. */
const edgeSchema = Type.Refine(
  Type.Unsafe<RangeEdge>({ type: ['string', 'number'] }),
  (edge: RangeEdge) => typeof parseQueryTime(edge, 0) === 'number',
  (edge: RangeEdge) => {
    const problem = parseQueryTime(edge, 0);
    return typeof problem === 'number' ? '' : problemMessage(problem);
  },
);

const rangeSchema = Type.Object({ from: edgeSchema, to: edgeSchema });

/** Null for the time zone of whoever looks. */
const timezoneSchema = Type.Refine(
  Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  (name: string | null) => name === null || timezoneName(name) !== undefined,
  () => 'Expected the IANA name of a time zone',
);

const seriesSchema = Type.Object({
  dataSourceId: Type.Refine(Type.String(), isId, () => 'Invalid data source ID format'),
  field: Type.Refine(
    Type.String(),
    (name: string) => fieldNameProblem(name) === undefined,
    (name: string) => fieldNameProblem(name) ?? '',
  ),
});

const panelSchema = Type.Object({
  id: textSchema(PANEL_ID_CHARACTERS_MAX, { minLength: 1 }),
  kind: Type.Enum(['chart', 'stat', 'table'] satisfies Panel['kind'][]),
  title: textSchema(NAME_CHARACTERS_MAX),
  width: Type.Enum(['half', 'full'] satisfies Panel['width'][]),
  height: Type.Enum(['small', 'normal', 'tall'] satisfies Panel['height'][]),
  drawing: Type.Optional(Type.Enum(['band', 'm4'] satisfies Panel['drawing'][])),
  statistic: Type.Optional(Type.Enum(['last', 'min', 'max', 'avg', 'count'] satisfies Panel['statistic'][])),
  series: Type.Array(seriesSchema, { maxItems: PANEL_SERIES_MAX }),
});

const panelsSchema = Type.Array(panelSchema, { maxItems: DASHBOARD_PANELS_MAX });

export const createDashboardSchema = Type.Object({
  bucketId: Type.String(),
  name: nameSchema(),
  range: Type.Optional(rangeSchema),
  timezone: Type.Optional(timezoneSchema),
  live: Type.Optional(Type.Boolean()),
  panels: Type.Optional(panelsSchema),
});

export const updateDashboardSchema = Type.Object({
  name: Type.Optional(nameSchema()),
  range: Type.Optional(rangeSchema),
  timezone: Type.Optional(timezoneSchema),
  live: Type.Optional(Type.Boolean()),
  panels: Type.Optional(panelsSchema),
  /** Of the dashboard that the change is meant for. */
  revision: Type.Optional(Type.Integer({ minimum: 1 })),
});

type PanelBody = Static<typeof panelSchema>;

/** Members that we know, and only those that are there. @throws ApiError where two panels have one id */
export function parsePanels(bodies: readonly PanelBody[]): Panel[] {
  const seen = new Set<string>();
  const details = [];
  for (const [index, { id }] of bodies.entries()) {
    if (seen.has(id))
      details.push({ path: ['body', 'panels', index, 'id'], message: 'Ids must be distinct' });
    seen.add(id);
  }
  refuseInvalid(details);
  return bodies.map(({ id, kind, title, width, height, drawing, statistic, series }) => ({
    id,
    kind,
    title,
    width,
    height,
    ...(drawing !== undefined && { drawing }),
    ...(statistic !== undefined && { statistic }),
    series: series.map(({ dataSourceId, field }) => ({ sourceId: dataSourceId, field })),
  }));
}
