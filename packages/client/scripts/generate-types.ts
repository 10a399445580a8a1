/**
 * Generates `src/api-types.ts`, the client's types of the API, from `/openapi.json`. It supports the part of JSON
 * Schema that the document uses and throws at anything else, so that nothing unsupported silently becomes `unknown`.
 */
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

interface Operation {
  operationId: string;
  summary: string;
  /** An empty list: needs no API key. */
  security?: readonly unknown[];
  parameters?: readonly {
    name: string;
    in: string;
    required?: boolean;
    schema: Schema;
    description?: string;
  }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

/** The list of a nullable enum contains `null`. */
type Literal = string | number | null;

interface Schema {
  $ref?: string;
  type?: string | readonly string[];
  enum?: readonly Literal[];
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: readonly Schema[];
  allOf?: readonly Schema[];
  description?: string;
}

/** Keywords that narrow a value and do not affect its TypeScript type. */
const NARROWING: ReadonlySet<string> = new Set([
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'minItems',
  'maxItems',
  'default',
  'example',
  'description',
]);
const SHAPING: ReadonlySet<string> = new Set([
  '$ref',
  'type',
  'enum',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'allOf',
]);

const HEADER = `// biome-ignore-all format: generated
// Generated from the API's /openapi.json by scripts/generate-types.ts; an edit here would be lost. When the API has changed:
// UPDATE_TYPES=1 npm test -- packages/client/scripts
`;

export function generateTypes({ components, paths }: OpenApiDocument): string {
  const types = Object.entries(components.schemas)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => {
      assertAgreeing(name, schema, components.schemas);
      return declaration(name, schema);
    });
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    .filter(({ operation }) => operation.security?.length !== 0);
  return [
    HEADER,
    ...types,
    '/** What each operation takes and gives. `path` and `query` are its parameters, `answer` is the body of a 2xx. */',
    'export interface Operations {',
    ...operations.map(({ operation }) => signature(operation)),
    '}\n',
    'export type OperationId = keyof Operations;\n',
    '/** Where each operation is. */',
    'export const ROUTES = {',
    ...operations.map(
      ({ path, method, operation: { operationId } }) =>
        `  ${operationId}: { method: '${method.toUpperCase()}', path: '${path}' },`,
    ),
    '} as const satisfies Record<OperationId, { method: string; path: string }>;\n',
  ].join('\n');
}

/**
 * Parts of an `allOf` that define a field twice require a value to match both: an intended override becomes a schema
 * that nothing matches, and a type `never`.
 */
function assertAgreeing(name: string, { allOf, anyOf }: Schema, schemas: Record<string, Schema>): void {
  for (const branch of anyOf ?? []) assertAgreeing(name, branch, schemas);
  const fields = (allOf ?? []).flatMap((part) => {
    const { properties = {} } = part.$ref ? (schemas[typeOf(part, '')] ?? {}) : part;
    return Object.keys(properties);
  });
  const twice = fields.find((field, at) => fields.indexOf(field) !== at);
  if (twice) throw new Error(`${name} defines ${twice} twice, so that no value fits both`);
}

function declaration(name: string, schema: Schema): string {
  const comment = docOf(schema.description, '');
  const isInterface = schema.type === 'object' && schema.properties !== undefined;
  return isInterface
    ? `${comment}export interface ${name} ${typeOf(schema, '')}\n`
    : `${comment}export type ${name} = ${typeOf(schema, '')};\n`;
}

function signature({ operationId, summary, parameters = [], requestBody, responses }: Operation): string {
  const path = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `${name}: string`);
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const needed = query.filter(({ required }) => required).map(({ name }) => name);
  const members = [
    path.length > 0 && `path: { ${path.join('; ')} };`,
    query.length > 0 &&
      member('query', { properties: propertiesOf(query), required: needed }, needed.length > 0),
    requestBody && member('body', jsonOf(requestBody.content), requestBody.required === true),
    `answer: ${answersOf(responses)};`,
  ];
  return [
    `  /** ${summary}. */`,
    `  ${operationId}: {`,
    ...members.filter((each) => typeof each === 'string').map((each) => `    ${each}`),
    '  };',
  ].join('\n');
}

function member(name: string, schema: Schema, isRequired: boolean): string {
  const type = typeOf({ ...(schema.properties && { type: 'object' }), ...schema }, '    ');
  return isRequired ? `${name}: ${type};` : `${name}?: ${type} | undefined;`;
}

const propertiesOf = (parameters: NonNullable<Operation['parameters']>): Record<string, Schema> =>
  Object.fromEntries(
    parameters.map(({ name, schema, description }) => [
      name,
      { ...schema, ...(description && { description }) },
    ]),
  );

function answersOf(responses: Operation['responses']): string {
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => (content ? typeOf(jsonOf(content), '    ') : 'undefined'));
  return [...new Set(answers)].join(' | ');
}

/** A CSV file is text, and so is a stream; everything else must be JSON. */
function jsonOf(content: Record<string, { schema: Schema }>): Schema {
  const known = content['application/json'] ?? content['text/csv'] ?? content['text/event-stream'];
  if (!known)
    throw new Error(
      `only application/json, text/csv and text/event-stream are understood here, not ${Object.keys(content)}`,
    );
  return known.schema;
}

/** @param indent of the line that the type begins on. */
function typeOf(schema: Schema, indent: string): string {
  const unknown = Object.keys(schema).find((word) => !NARROWING.has(word) && !SHAPING.has(word));
  if (unknown) throw new Error(`the schema word "${unknown}" is not understood: ${JSON.stringify(schema)}`);
  if (schema.$ref) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, indent)).join(' & ');
  if (schema.anyOf) return schema.anyOf.map((part) => typeOf(part, indent)).join(' | ');
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['unknown']);
  return types.map((type) => simpleType(type, schema, indent)).join(' | ');
}

function simpleType(type: string, schema: Schema, indent: string): string {
  switch (type) {
    case 'unknown':
    case 'string':
    case 'boolean':
    case 'null':
    case 'number':
      return type;
    case 'integer':
      return 'number';
    case 'array': {
      const item = typeOf(schema.items ?? {}, indent);
      return /[ |&]/.test(item) && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      return objectType(schema, indent);
    default:
      throw new Error(`the type "${type}" is not understood`);
  }
}

function objectType({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  const rest = typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : null;
  if (!properties) return `Record<string, ${rest ?? 'unknown'}>`;
  const inner = `${indent}  `;
  const members = Object.entries(properties).map(([name, schema]) => {
    const isOptional = !required.includes(name);
    return `${docOf(schema.description, inner)}${inner}${keyOf(name)}${isOptional ? '?' : ''}: ${typeOf(schema, inner)}${isOptional ? ' | undefined' : ''};`;
  });
  if (rest) members.push(`${inner}[name: string]: ${rest};`);
  return ['{', ...members, `${indent}}`].join('\n');
}

function docOf(description: string | undefined, indent: string): string {
  return description
    ? `${indent}/** ${description.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ')} */\n`
    : '';
}

const keyOf = (name: string): string => (/^[a-z_$][\w$]*$/i.test(name) ? name : literal(name));

function literal(value: Literal): string {
  return typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, '\\$&')}'` : String(value);
}
