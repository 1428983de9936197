/** The OpenAPI document: https://spec.openapis.org/oas/v3.1.0. Bodies are described by the schemas that check them. */

import { INFLUX_1, INFLUX_2 } from '../http/dialect.js';
import type { Route } from '../routes/route.js';
import { version } from '../version.js';
import * as answers from './answers.js';
import { type Operation, TAGS } from './operation.js';
import { OPERATIONS } from './operations.js';

/** Statuses of refusals, and what they mean. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'Body, path or query does not fit; `details` says where',
  401: 'Invalid or missing API key',
  403: 'The key may not do that',
  404: 'It is not there',
  409: 'It conflicts with what is there',
  413: 'The body is too large',
  415: 'The body is of a kind that is not taken',
  429: 'Too many calls; `Retry-After` says when to try again',
  503: 'Not now; `Retry-After` says when to try again',
};

const PARAMETERS: Readonly<Record<string, string>> = {
  bucketId: 'Id of the bucket',
  keyId: 'Id of the API key',
  dataSourceId: 'Id of the data source',
  alertId: 'Id of the alert rule',
  deliveryId: 'Id of the delivery',
  dashboardId: 'Id of the dashboard',
};

/** Plain data, ready to be sent. Routes that the server does not have are left out. */
export function openApiDocument(routes: readonly Route[]): object {
  const byName = new Map(routes.map(route => [`${route.method} ${route.path}`, route]));
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of OPERATIONS) {
    const route = byName.get(operation.route);
    if (route === undefined) continue;
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationObject(route, operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'dakkio',
      version: version(),
      description:
        'A self-hosted time-series store. Begin with a bucket, a key and a data source; then send points.',
    },
    servers: [{ url: '/' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: {
        Error: answers.error,
        Problem: answers.problem,
        InfluxError1: answers.influxError1,
        InfluxError2: answers.influxError2,
      },
    },
  };
}

function operationObject(route: Route, operation: Operation): object {
  const { tag, summary, description, status } = operation;
  const isOpen = route.access.who === 'anyone';
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(!isOpen && { 'x-key': route.access.who }),
    security: isOpen ? [] : [{ apiKey: [] }, { bearer: [] }],
    parameters: [...pathParameters(route), ...(operation.parameters ?? []).map(plainParameter)],
    ...bodyOf(route, operation),
    responses: {
      [status]: { description: 'Done', ...contentOf(operation) },
      ...refusalsOf(route, operation),
    },
  };
}

/** `postApiBucketsBucketIdKeys` */
function operationId({ method, path }: Route): string {
  const words = path.split(/[/:.]+/).filter(word => word !== '');
  return method.toLowerCase() + words.map(word => word[0].toUpperCase() + word.slice(1)).join('');
}

function pathParameters({ path }: Route): object[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: answers.id,
    description: PARAMETERS[name],
  }));
}

function plainParameter({
  required = false,
  ...parameter
}: NonNullable<Operation['parameters']>[number]): object {
  return { ...parameter, required };
}

function bodyOf(route: Route, { examples, bodyType }: Operation): object {
  const named = Object.entries(examples ?? {}).map(([name, value]) => [name, { value }]);
  const shown = named.length > 0 && { examples: Object.fromEntries(named) };
  if (bodyType !== undefined) {
    const content = { [bodyType]: { schema: { type: 'string' }, ...shown } };
    return { requestBody: { required: true, content } };
  }
  const { bodySchema, columnSchema } = route;
  if (bodySchema === undefined) return {};
  const schema = columnSchema === undefined ? bodySchema : { anyOf: [bodySchema, columnSchema] };
  const content: Record<string, object> = { 'application/json': { schema, ...shown } };
  if (route.packedBody) content['application/msgpack'] = { schema };
  return { requestBody: { required: true, content } };
}

function contentOf({ answer: schema, answerType = 'application/json', packedAnswer }: Operation): object {
  if (schema === undefined) return {};
  return {
    content: { [answerType]: { schema }, ...(packedAnswer && { 'application/msgpack': { schema } }) },
  };
}

function refusalsOf(route: Route, { parameters = [] }: Operation): Record<string, object> {
  const hasBody = route.bodySchema !== undefined || route.isRaw;
  const hasQuery = parameters.some(parameter => parameter.in === 'query');
  const namesBucket = route.bucketInBody || route.bucketIdInQuery || route.bucketInQuery !== undefined;
  const statuses = [
    ...(hasBody || hasQuery || route.path.includes(':') ? [400] : []),
    ...(route.access.who === 'anyone' ? [] : [401, 403, 429]),
    ...(route.path.includes(':') || namesBucket ? [404] : []),
    ...(route.writesBucket ? [409] : []),
    ...(hasBody ? [413, 415] : []),
    ...(route.access.who === 'anyone' && route.path !== '/ready' ? [] : [503]),
  ];
  const content = Object.fromEntries(
    Object.entries(errorsOf(route)).map(([type, name]) => [
      type,
      { schema: { $ref: `#/components/schemas/${name}` } },
    ]),
  );
  return Object.fromEntries(
    statuses.sort().map(status => [status, { description: REFUSALS[status], content }]),
  );
}

/** Names of the schemas of errors, by media type. Clients of InfluxDB are refused in its own words. */
function errorsOf({ dialect }: Route): Readonly<Record<string, string>> {
  switch (dialect) {
    case INFLUX_1:
      return { 'application/json': 'InfluxError1' };
    case INFLUX_2:
      return { 'application/json': 'InfluxError2' };
    default:
      return { 'application/json': 'Error', 'application/problem+json': 'Problem' };
  }
}
