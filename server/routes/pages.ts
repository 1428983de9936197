/** The pages for people, and what they are made of. They are no part of the API: the document does not have them. */
import { ApiError } from '../errors.js';
import { takesGzip } from '../http/accept.js';
import type { Reply } from '../http/application.js';
import type { Assets } from '../pages/assets.js';
import { type Call, defineRoute, type Route } from './route.js';

const ASSETS = '/assets/';

const SECURITY = {
  // Nothing but our own files runs, and no text becomes markup: what a name or a value says can only be shown.
  'Content-Security-Policy': [
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

export function pageRoutes(assets: Assets): readonly Route[] {
  const page = (path: string, name: string) =>
    defineRoute({
      method: 'GET',
      path,
      access: { who: 'anyone' },
      handle: call => assetReply(assets, name, call),
    });
  return [
    page('/', 'dashboards.html'),
    page('/playground', 'playground.html'),
    defineRoute({
      method: 'GET',
      path: `${ASSETS}:name`,
      access: { who: 'anyone' },
      handle: call => assetReply(assets, call.path.slice(ASSETS.length), call),
    }),
  ];
}

/** @throws (rejects) ApiError where there is no such file */
async function assetReply(assets: Assets, name: string, call: Call<unknown>): Promise<Reply> {
  const asset = await assets.find(name);
  if (asset === undefined) throw new ApiError('ROUTE_NOT_FOUND');
  const { contentType, etag } = asset;
  const headers = { ...SECURITY, ETag: etag, 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' };
  // Browsers and proxies may have made it weak on the way.
  if (call.header('if-none-match').replace(/^W\//, '') === etag) return { status: 304, headers };
  const isZipped = takesGzip(call.header('accept-encoding'));
  return {
    status: 200,
    headers: { ...headers, 'Content-Type': contentType, ...(isZipped && { 'Content-Encoding': 'gzip' }) },
    body: isZipped ? asset.gzipped : asset.bytes,
  };
}
