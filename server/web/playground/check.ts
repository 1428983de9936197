/** A body against its schema, in words. Nothing here knows of a page. */
import { type Schema as CheckedSchema, type OutputUnit, Validator } from '@cfworker/json-schema';
import type { Body, Schema } from './document.js';
import { type JsonFault, jsonFault } from './json-text.js';

export interface SchemaFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export interface Checked {
  readonly syntax?: JsonFault;
  readonly faults: readonly SchemaFault[];
}

const SHOWN_MAX = 5;

export function checkBody({ schema }: Body, text: string): Checked {
  if (schema === undefined) return { faults: [] };
  const syntax = jsonFault(text);
  if (syntax !== undefined) return { syntax, faults: [] };
  return { faults: faultsOf(schema, JSON.parse(text)).slice(0, SHOWN_MAX) };
}

/** Of several schemas one of which has to fit, that which the value is nearest to tells what is wrong. */
function faultsOf(schema: Schema, value: unknown): SchemaFault[] {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return singleFaults(schema, value);
  const branches = anyOf.map(branch => singleFaults({ ...rest, ...branch }, value));
  return branches.reduce((best, branch) => (branch.length < best.length ? branch : best));
}

function singleFaults(schema: Schema, value: unknown): SchemaFault[] {
  const { errors } = validatorOf(schema).validate(value);
  // A keyword that holds others says only that something inside it is wrong.
  const leaves = errors.filter(
    ({ keywordLocation }) => !errors.some(other => other.keywordLocation.startsWith(`${keywordLocation}/`)),
  );
  return leaves.map(error => ({
    path: parts(error.instanceLocation).map(part => (/^\d+$/.test(part) ? Number(part) : part)),
    message: messageOf(schema, error),
  }));
}

const validators = new WeakMap<Schema, Validator>();

function validatorOf(schema: Schema): Validator {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = new Validator(schema as CheckedSchema, '2020-12', false);
    validators.set(schema, validator);
  }
  return validator;
}

/** `#/a/b~1c` */
function parts(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map(part => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function messageOf(schema: Schema, { keyword, keywordLocation, error }: OutputUnit): string {
  const limit = valueAt(schema, parts(keywordLocation));
  switch (keyword) {
    case 'required':
      return `needs ${error.match(/"(.*)"/)?.[0] ?? 'another member'}`;
    case 'type':
      return `must be ${kindsText(limit)}`;
    case 'enum':
      return `must be one of ${(limit as unknown[]).map(one => JSON.stringify(one)).join(', ')}`;
    case 'minLength':
      return limit === 1 ? 'must not be empty' : `must have ${limit} characters or more`;
    case 'maxLength':
      return `must have ${limit} characters or fewer`;
    case 'minItems':
      return limit === 1 ? 'must not be empty' : `must have ${limit} items or more`;
    case 'maxItems':
      return `must have ${limit} items or fewer`;
    case 'minimum':
      return `must be ${limit} or more`;
    case 'maximum':
      return `must be ${limit} or less`;
    case 'pattern':
      return 'does not have the form that is asked for';
    default:
      return error;
  }
}

/** What a keyword asks for, through references. */
function valueAt(schema: Schema, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => {
    const found = (value as Record<string, unknown> | undefined)?.[part];
    return part === '$ref' ? valueAt(schema, parts(String(found))) : found;
  }, schema);
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

function kindsText(types: unknown): string {
  return [types]
    .flat()
    .map(type => KINDS[String(type)] ?? String(type))
    .join(' or ');
}

/** `dataPoints[17].values.t` */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`))
    .join('');
}
