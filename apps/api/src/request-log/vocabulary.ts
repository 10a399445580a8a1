import { PROBLEMS } from '@carillon/core/text/problem';
import type { Api } from '../deps.ts';
import { openApiDocument } from '../openapi/document.ts';

/** The words of this API: names of fields and parameters, values of enumerations, parts of paths, codes. */
export type Vocabulary = ReadonlySet<string>;

const known = new WeakMap<Api, Vocabulary>();

/**
 * Read from the API's own description. The first call takes about as long as the description does (0.1 s of a processor):
 * a process makes it before it takes requests.
 */
export function vocabularyOf(app: Api): Vocabulary {
  const before = known.get(app);
  if (before) return before;
  const words = new Set<string>(Object.keys(PROBLEMS));
  const document = openApiDocument(app, '');
  for (const path of Object.keys(document.paths ?? {}))
    for (const part of path.split('/')) if (!part.includes('{')) words.add(part);
  collect(document, words);
  known.set(app, words);
  return words;
}

function collect(schema: unknown, words: Set<string>): void {
  if (Array.isArray(schema)) {
    for (const each of schema) collect(each, words);
    return;
  }
  if (typeof schema !== 'object' || schema === null) return;
  const { properties, enum: values, in: place, name } = schema as Record<string, unknown>;
  if (typeof properties === 'object' && properties !== null)
    for (const property of Object.keys(properties)) words.add(property);
  if (Array.isArray(values)) for (const value of values) if (typeof value === 'string') words.add(value);
  if (typeof place === 'string' && typeof name === 'string') words.add(name);
  for (const each of Object.values(schema)) collect(each, words);
}
