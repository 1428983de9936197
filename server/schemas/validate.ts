/** Compiled schemas, and their failures in the words of the contract. */

import { ApiError, type ErrorDetail } from '../errors.js';
import { DETAILS_MAX, ECHO_CHARACTERS_MAX } from '../limits.js';
import { Compile, Settings, type Static, type TLocalizedValidationError, type TSchema } from './typebox.js';

Settings.Set({ maxErrors: DETAILS_MAX });

export type Path = readonly (string | number)[];

/** @param root `body`, `params` or `query`: what the value is of the request. */
export interface CompiledSchema<T> {
  /** The value itself, unknown members included. @throws ApiError (INVALID_REQUEST) with details */
  parse(value: unknown, root: 'body' | 'query'): T;
  /** What does not fit, below the path of the value; empty where it fits. */
  failures(value: unknown, path: Path): ErrorDetail[];
}

/** Keyword of a schema: this text alone answers a value that is too long, in the place of details. */
export const TOO_LONG_MESSAGE = 'x-too-long-message';

export function compile<T extends TSchema>(schema: T): CompiledSchema<Static<T>> {
  const validator = Compile(schema);
  return {
    parse(value, root) {
      if (validator.Check(value)) return value as Static<T>;
      const errors = validator.Errors(value);
      refuseTooLong(schema, errors);
      throw new ApiError('INVALID_REQUEST', { details: detailsOf(errors, value, [root]) });
    },
    failures(value, path) {
      return validator.Check(value) ? [] : detailsOf(validator.Errors(value), value, path);
    },
  };
}

/** The JSON type of a value. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** A caller's text, short enough to be repeated to him. */
export function echo(text: string): string {
  return text.length <= ECHO_CHARACTERS_MAX ? text : `${text.slice(0, ECHO_CHARACTERS_MAX)}…`;
}

/** @param expected as written in the message, such as `'a' | 'b'` */
export function enumMessage(expected: string, value: unknown): string {
  const received = typeof value === 'string' ? `'${echo(value)}'` : typeName(value);
  return `Invalid enum value. Expected ${expected}, received ${received}`;
}

function detailsOf(errors: readonly TLocalizedValidationError[], value: unknown, root: Path): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  for (const error of errors) {
    const { path, value: at } = locate(value, error.instancePath);
    if (error.keyword === 'required') {
      for (const name of error.params.requiredProperties) {
        details.push({ path: [...root, ...path, name], message: 'Required' });
      }
    } else {
      details.push({ path: [...root, ...path], message: messageOf(error, at) });
    }
  }
  return details.slice(0, DETAILS_MAX);
}

function messageOf(error: TLocalizedValidationError, value: unknown): string {
  switch (error.keyword) {
    case 'type': {
      const expected = [error.params.type].flat()[0];
      const isFloat = expected === 'integer' && typeof value === 'number';
      return `Expected ${expected}, received ${isFloat ? 'float' : typeName(value)}`;
    }
    case 'minLength':
      return `String must contain at least ${error.params.limit} character(s)`;
    case 'maxLength':
      return `String must contain at most ${error.params.limit} character(s)`;
    case 'minItems':
      return `Array must contain at least ${error.params.limit} element(s)`;
    case 'maxItems':
      return `Array must contain at most ${error.params.limit} element(s)`;
    case 'minimum':
      return `Number must be greater than or equal to ${error.params.limit}`;
    case 'maximum':
      return `Number must be less than or equal to ${error.params.limit}`;
    case 'enum':
      return enumMessage(error.params.allowedValues.map(allowed => `'${allowed}'`).join(' | '), value);
    default:
      return error.message;
  }
}

/** Follows a JSON pointer; steps into arrays are numbers. */
function locate(root: unknown, pointer: string): { path: (string | number)[]; value: unknown } {
  const path: (string | number)[] = [];
  let value = root;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(name) : name);
    value = (value as Record<string, unknown> | undefined)?.[name];
  }
  return { path, value };
}

function refuseTooLong(schema: TSchema, errors: readonly TLocalizedValidationError[]): void {
  for (const error of errors) {
    if (error.keyword !== 'maxLength') continue;
    const { value: failed } = locate(schema, error.schemaPath);
    const message = (failed as Record<string, unknown>)[TOO_LONG_MESSAGE];
    if (typeof message === 'string') throw new ApiError('INVALID_REQUEST', { message });
  }
}
