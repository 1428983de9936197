import type { Dashboard, Panel } from '../catalog/model.js';
import { ApiError } from '../errors.js';
import { jsonReply } from '../http/json.js';
import { BUCKET_DASHBOARDS_MAX } from '../limits.js';
import { paginationOf, parsePage } from '../schemas/common.js';
import { createDashboardSchema, parsePanels, updateDashboardSchema } from '../schemas/dashboards.js';
import { formatTimestamp } from '../schemas/timestamp.js';
import { defineRoute, type Route } from './route.js';

const RANGE_DEFAULT = { from: 'now-24h', to: 'now' };

export const dashboardRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/api/dashboards',
    access: { who: 'readers' },
    bucketIdInQuery: true,
    handle: ({ services: { catalog }, bucket, query }) => {
      const page = parsePage(query);
      const dashboards = catalog.dashboards(bucket.id, page).map(listedView);
      const pagination = paginationOf(page, dashboards.length, catalog.dashboardCount(bucket.id));
      return jsonReply(200, { dashboards, pagination });
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/dashboards',
    access: { who: 'writers', action: 'create dashboards' },
    writes: true,
    writesBucket: true,
    bucketInBody: true,
    body: createDashboardSchema,
    checkForm(body) {
      parsePanels(body.panels ?? []);
    },
    handle: async ({ services: { catalog }, bucket, body }) => {
      const { name, range = RANGE_DEFAULT, timezone = null, live = true } = body;
      const panels = parsePanels(body.panels ?? []);
      if (catalog.dashboardCount(bucket.id) >= BUCKET_DASHBOARDS_MAX)
        throw new ApiError('TOO_MANY_DASHBOARDS');
      const created = await catalog.createDashboard(bucket.id, {
        name,
        range: rangeOf(range),
        timezone,
        live,
        panels,
      });
      return jsonReply(201, {
        message: 'Dashboard created successfully',
        dashboard: dashboardView(created),
      });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/api/dashboards/:dashboardId',
    access: { who: 'readers' },
    handle: ({ dashboard }) => jsonReply(200, { dashboard: dashboardView(dashboard) }),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/api/dashboards/:dashboardId',
    access: { who: 'writers', action: 'update dashboards' },
    writes: true,
    writesBucket: true,
    body: updateDashboardSchema,
    handle: async ({ services: { catalog }, dashboard, body }) => {
      const { name, range, timezone, live, panels, revision } = body;
      if (revision !== undefined && revision !== dashboard.revision) throw new ApiError('DASHBOARD_CHANGED');
      const updated = await catalog.updateDashboard(dashboard, {
        ...(name !== undefined && { name }),
        ...(range !== undefined && { range: rangeOf(range) }),
        ...(timezone !== undefined && { timezone }),
        ...(live !== undefined && { live }),
        ...(panels !== undefined && { panels: parsePanels(panels) }),
      });
      return jsonReply(200, {
        message: 'Dashboard updated successfully',
        dashboard: dashboardView(updated),
      });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/dashboards/:dashboardId',
    access: { who: 'writers', action: 'delete dashboards' },
    writes: true,
    writesBucket: true,
    handle: async ({ services: { catalog }, dashboard: { id, name } }) => {
      await catalog.deleteDashboard(id);
      return jsonReply(200, {
        message: 'Dashboard deleted successfully',
        deletedDashboard: { _id: id, name },
      });
    },
  }),
];

/** Without members that we do not know. */
function rangeOf({ from, to }: Dashboard['range']): Dashboard['range'] {
  return { from, to };
}

/** In a list: what is on it comes with the dashboard itself. */
function listedView({ id, bucketId, name, revision, panels, createdAt, updatedAt }: Dashboard) {
  return {
    _id: id,
    bucketId,
    name,
    revision,
    panelCount: panels.length,
    createdAt: formatTimestamp(createdAt),
    updatedAt: formatTimestamp(updatedAt),
  };
}

function dashboardView(dashboard: Dashboard) {
  const { id, bucketId, name, range, timezone, live, panels, revision, createdAt, updatedAt } = dashboard;
  return {
    _id: id,
    bucketId,
    name,
    range,
    timezone,
    live,
    panels: panels.map(panelView),
    revision,
    createdAt: formatTimestamp(createdAt),
    updatedAt: formatTimestamp(updatedAt),
  };
}

function panelView({ series, ...panel }: Panel) {
  return { ...panel, series: series.map(({ sourceId, field }) => ({ dataSourceId: sourceId, field })) };
}
