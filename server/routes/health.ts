import { jsonReply, refusal } from '../http/json.js';
import { defineRoute, type Route } from './route.js';

export const healthRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET',
    path: '/health',
    access: { who: 'anyone' },
    handle: () => jsonReply(200, { status: 'ok' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/ready',
    access: { who: 'anyone' },
    handle: ({ services }) => {
      if (!services.ready()) return refusal('NOT_READY');
      if (services.failure() !== undefined) return refusal('STORAGE_UNAVAILABLE');
      return jsonReply(200, { status: 'ready' });
    },
  }),
];
