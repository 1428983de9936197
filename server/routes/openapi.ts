import { jsonReply } from '../http/json.js';
import { defineRoute, type Route } from './route.js';

/** @param described all the others */
export function openApiRoutes(described: readonly Route[]): readonly Route[] {
  let text: Promise<string> | undefined;
  const own = defineRoute({
    method: 'GET',
    path: '/openapi.json',
    access: { who: 'anyone' },
    handle: async () => {
      text ??= documentText([...described, own]);
      return jsonReply(200, await text);
    },
  });
  return [own];
}

/** Loaded when it is first asked for: most processes are never asked, and every start would wait for it. */
async function documentText(routes: readonly Route[]): Promise<string> {
  const { openApiDocument } = await import('../openapi/document.js');
  return JSON.stringify(openApiDocument(routes));
}
