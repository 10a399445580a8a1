import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Operation {
  method: string;
  /** As in the document: `/v1/notifications/{id}`. */
  path: string;
}

interface Described {
  $ref?: string;
  content?: Record<string, { schema?: unknown }>;
}
interface Document {
  paths: Record<string, Record<string, { responses: Record<string, Described> }>>;
}

export interface GivenAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

/**
 * Whether answers are what the OpenAPI document says of them: status, media type and, of JSON, the body.
 *
 * @param document as GET /openapi.json gives it.
 * @returns a function that tells what is wrong with an answer, or null.
 */
export function describedAnswers(
  document: unknown,
): (operation: Operation, answer: GivenAnswer) => string | null {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (to: Ajv2020) => void)(ajv);
  // A phone number's form is in its pattern, which is checked.
  ajv.addFormat('E.164', true);
  ajv.addSchema(document as object, 'openapi');
  const validators = new Map<string, ValidateFunction>();
  const validatorOf = (pointer: string): ValidateFunction => {
    let validate = validators.get(pointer);
    if (!validate) {
      validate = ajv.compile({ $ref: `openapi#${pointer}` });
      validators.set(pointer, validate);
    }
    return validate;
  };

  return ({ method, path }, { status, headers, body }) => {
    const operation = (document as Document).paths[path]?.[method.toLowerCase()];
    if (!operation) return 'it is not described';
    const given = operation.responses[status];
    if (!given)
      return `the status ${status} is not described; ${Object.keys(operation.responses).join(', ')} are`;
    const own = ['', 'paths', path, method.toLowerCase(), 'responses', String(status)].map(escaped).join('/');
    const pointer = given.$ref === undefined ? own : given.$ref.slice(1);
    const described = given.$ref === undefined ? given : (at(document, pointer) as Described);
    const type = headers.get('content-type')?.split(';')[0];
    const content = described.content ?? {};
    // A body that may be left out cannot be described as such; JSON is never left out.
    if (body === '' && !('application/json' in content)) return null;
    if (type === undefined || !(type in content))
      return `${type ?? 'no content type'} is not described; ${Object.keys(content).join(', ') || 'none'} is`;
    if (!/json$/.test(type) || content[type]!.schema === undefined) return null;
    const validate = validatorOf(`${pointer}/content/${escaped(type)}/schema`);
    return validate(body) ? null : ajv.errorsText(validate.errors, { dataVar: 'body' });
  };
}

const escaped = (step: string): string =>
  encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'));

function at(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (node, step) =>
        (node as Record<string, unknown>)[
          decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
        ],
      document,
    );
}
