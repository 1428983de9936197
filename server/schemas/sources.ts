import type { FieldType } from '../../engine/batch.js';
import type { FieldDeclaration } from '../catalog/model.js';
import { type ErrorDetail, refuseInvalid } from '../errors.js';
import {
  DESCRIPTION_CHARACTERS_MAX,
  DETAILS_MAX,
  LABEL_CHARACTERS_MAX,
  SOURCE_FIELDS_MAX,
} from '../limits.js';
import { descriptionSchema, nameSchema, statusSchema, textSchema } from './common.js';
import { fieldNameProblem, TOO_MANY_FIELDS_MESSAGE } from './fields.js';
import Type from './typebox.js';
import { compile, echo, type Path } from './validate.js';

const sourceTypeSchema = textSchema(LABEL_CHARACTERS_MAX, { minLength: 1 });

/** Its members are read by `parseDeclarations`: names of fields are the caller's. */
const fieldsSchema = Type.Unsafe<Record<string, unknown>>({ type: 'object' });

export const createSourceSchema = Type.Object({
  name: nameSchema(),
  type: Type.Optional(sourceTypeSchema),
  description: Type.Optional(descriptionSchema),
  schema: fieldsSchema,
  downsampling: Type.Optional(Type.Boolean()),
});

export const updateSourceSchema = Type.Object({
  name: Type.Optional(nameSchema()),
  type: Type.Optional(sourceTypeSchema),
  description: Type.Optional(descriptionSchema),
  schema: Type.Optional(fieldsSchema),
  downsampling: Type.Optional(Type.Boolean()),
  status: Type.Optional(statusSchema),
});

const fieldTypeSchema = Type.Enum(['number', 'string', 'boolean']);

const compiledFieldType = compile(fieldTypeSchema);

const compiledDeclaration = compile(
  Type.Object({
    type: fieldTypeSchema,
    unit: Type.Optional(textSchema(LABEL_CHARACTERS_MAX)),
    description: Type.Optional(textSchema(DESCRIPTION_CHARACTERS_MAX)),
  }),
);

/** Fields as a caller declares them: `{ "t": "number" }` or `{ "t": { "type": "number", "unit": "°C" } }`. @throws ApiError */
export function parseDeclarations(schema: Record<string, unknown>): FieldDeclaration[] {
  const declarations: FieldDeclaration[] = [];
  const details: ErrorDetail[] = [];
  for (const [name, value] of Object.entries(schema)) {
    const path = ['body', 'schema', echo(name)];
    const problem = fieldNameProblem(name);
    if (problem !== undefined) details.push({ path, message: problem });
    const failures = failuresOf(value, path);
    details.push(...failures);
    if (failures.length === 0) declarations.push({ name, ...declarationOf(value) });
    if (details.length >= DETAILS_MAX) break;
  }
  if (declarations.length > SOURCE_FIELDS_MAX) {
    details.push({ path: ['body', 'schema'], message: TOO_MANY_FIELDS_MESSAGE });
  }
  refuseInvalid(details);
  return declarations;
}

/**
 * The fields of a source after a declaration: new ones are added, those that are there keep their type.
 * @param types what every field of the source is known to be, declared or not
 * @throws ApiError
 */
export function mergeDeclarations(
  declared: readonly FieldDeclaration[],
  types: ReadonlyMap<string, FieldType>,
  declarations: readonly FieldDeclaration[],
): FieldDeclaration[] {
  const merged = new Map(declared.map(field => [field.name, field]));
  const names = new Set(types.keys());
  const details: ErrorDetail[] = [];
  for (const field of declarations) {
    const type = types.get(field.name) ?? field.type;
    if (type !== field.type) {
      const message = `The type of a field never changes: it is ${type}, received ${field.type}`;
      details.push({ path: ['body', 'schema', field.name], message });
    }
    merged.set(field.name, field);
    names.add(field.name);
  }
  if (names.size > SOURCE_FIELDS_MAX) {
    details.push({ path: ['body', 'schema'], message: TOO_MANY_FIELDS_MESSAGE });
  }
  refuseInvalid(details);
  return [...merged.values()];
}

function failuresOf(value: unknown, path: Path): ErrorDetail[] {
  return typeof value === 'string'
    ? compiledFieldType.failures(value, path)
    : compiledDeclaration.failures(value, path);
}

/** Only the members we know, and only those that are there. */
function declarationOf(value: unknown): Omit<FieldDeclaration, 'name'> {
  if (typeof value === 'string') return { type: value as FieldType };
  const { type, unit, description } = value as FieldDeclaration;
  return {
    type,
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
  };
}
