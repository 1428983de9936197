/** The OpenAPI document as the playground shows it: sections of operations. Nothing here knows of a page. */

/** Who may call, as the document says it. */
export type KeyNeed = 'admin' | 'writers' | 'readers' | 'anyone';

export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query' | 'header';
  readonly isRequired: boolean;
  readonly description: string;
  /** In a word or two: `integer, 1 to 1000`. */
  readonly kind: string;
  /** The only values it may have. */
  readonly choices?: readonly string[];
  /** What the server takes where it is not given. */
  readonly fallback?: string;
  /** A value that works; ids in braces stand for those of the caller's own. */
  readonly example?: string;
}

export interface BodyExample {
  readonly name: string;
  readonly text: string;
}

export interface Body {
  /** Media type. */
  readonly type: string;
  /** Undefined where the body is no JSON. */
  readonly schema?: Schema;
  readonly examples: readonly BodyExample[];
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly section: number;
  readonly summary: string;
  readonly description: string;
  readonly key: KeyNeed;
  readonly parameters: readonly Parameter[];
  readonly body?: Body;
  /** Answers that may come, by status. */
  readonly answers: readonly { readonly status: number; readonly description: string }[];
  readonly isStream: boolean;
}

export interface Section {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

interface Content {
  readonly schema?: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface DocumentedOperation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly 'x-key'?: KeyNeed;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: Parameter['place'];
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
    readonly example?: unknown;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Content>> }>
  >;
}

export interface OpenApiDocument {
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: Schema;
}

/** Of operations that have no tag, or one that the document does not list: none may be missing. */
const OTHER = { name: 'Other', description: '' };

/** In the order of the document's tags. */
export function readSections(document: OpenApiDocument): readonly Section[] {
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method, operation })),
  );
  const names = new Set(document.tags.map(({ name }) => name));
  const tagOf = ({ tags = [] }: DocumentedOperation) => tags.find(tag => names.has(tag)) ?? OTHER.name;
  const sections: Section[] = [];
  for (const { name, description = '' } of [...document.tags, OTHER]) {
    const own = all.filter(({ operation }) => tagOf(operation) === name);
    if (own.length === 0) continue;
    const number = sections.length + 1;
    const operations = own.map(({ path, method, operation }) =>
      readOperation(path, method, operation, number, document.components),
    );
    sections.push({ number, name, description, operations });
  }
  return sections;
}

function readOperation(
  path: string,
  method: string,
  operation: DocumentedOperation,
  section: number,
  components: Schema | undefined,
): Operation {
  const answers = Object.entries(operation.responses);
  const types = Object.keys(answers.find(([status]) => status.startsWith('2'))?.[1].content ?? {});
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    section,
    summary: operation.summary ?? '',
    description: operation.description ?? '',
    key: operation['x-key'] ?? 'anyone',
    parameters: [...(operation.parameters ?? []).map(readParameter), ...acceptParameter(types)],
    ...(operation.requestBody !== undefined && {
      body: readBody(operation.requestBody.content, components),
    }),
    answers: answers.map(([status, { description }]) => ({ status: Number(status), description })),
    isStream: types[0] === 'text/event-stream',
  };
}

/** Where an answer has more than one form, the caller says which. */
function acceptParameter(types: readonly string[]): Parameter[] {
  if (types.length < 2) return [];
  return [
    {
      name: 'Accept',
      place: 'header',
      isRequired: false,
      description: 'Form of the answer',
      kind: 'text',
      choices: types,
      fallback: types[0],
    },
  ];
}

function readParameter(parameter: NonNullable<DocumentedOperation['parameters']>[number]): Parameter {
  const { schema, example } = parameter;
  const choices = schema.enum as readonly unknown[] | undefined;
  return {
    name: parameter.name,
    place: parameter.in,
    isRequired: parameter.required ?? false,
    description: parameter.description ?? '',
    kind: kindOf(schema),
    ...(choices !== undefined && { choices: choices.map(String) }),
    ...(schema.default !== undefined && { fallback: String(schema.default) }),
    ...(example !== undefined && { example: String(example) }),
  };
}

function kindOf(schema: Schema): string {
  if (schema.pattern === '^[0-9a-f]{24}$') return 'id';
  if (schema.type !== 'integer') return 'text';
  if (schema.maximum !== undefined) return `whole number, ${schema.minimum} to ${schema.maximum}`;
  return `whole number${schema.minimum === undefined ? '' : `, ${schema.minimum} or more`}`;
}

function readBody(content: Readonly<Record<string, Content>>, components: Schema | undefined): Body {
  const [type, { schema, examples = {} }] = Object.entries(content)[0];
  const isJson = type === 'application/json';
  return {
    type,
    // References within the document begin at its root.
    ...(isJson && schema !== undefined && { schema: { ...schema, components } }),
    examples: Object.entries(examples).map(([name, { value }]) => ({
      name,
      text: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    })),
  };
}
