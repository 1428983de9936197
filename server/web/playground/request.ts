/** The request that a form makes, in every part that is sent. Nothing here knows of a page. */
import type { Operation } from './document.js';
import type { ShownForm } from './form.js';

export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly isStream: boolean;
}

/** @param key '' where there is none; it is not sent to what anyone may call */
export function requestOf(operation: Operation, form: ShownForm, key: string): ApiRequest {
  const { method, path, parameters, body, isStream } = operation;
  const given = (place: string) =>
    parameters
      .filter(parameter => parameter.place === place && form.values[parameter.name] !== '')
      .map(({ name }) => [name, form.values[name]] as const);
  const query = given('query')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  const filledPath = path.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = form.values[name];
    return value === undefined || value === '' ? whole : encoded(value);
  });
  return {
    method,
    target: query === '' ? filledPath : `${filledPath}?${query}`,
    headers: [
      ...(key !== '' && operation.key !== 'anyone' ? [['X-API-Key', key] as const] : []),
      ...(body === undefined ? [] : [['Content-Type', body.type] as const]),
      ...given('header').map(([name, value]) => [name, value.trim()] as const),
    ],
    ...(form.body !== undefined && { body: form.body }),
    isStream,
  };
}

/** As browsers send it: they escape the apostrophe of a query, which `encodeURIComponent` leaves. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/'/g, '%27');
}
