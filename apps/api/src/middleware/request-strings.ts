import { type FieldError, ProblemError } from '@carillon/core/text/problem';
import { show } from '@carillon/core/text/show';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { invalid } from './invalid.ts';
import { unstorableText } from './storable.ts';

/**
 * The one check of every text in a path or a query, before anything reads it: invalid UTF-8 and NUL reach no statement.
 * A path with such a text is answered 404, a parameter 422. Header values cannot have a NUL (RFC 9110, 5.5), and no
 * route stores one unchecked.
 */
export function requestStrings(): MiddlewareHandler<ApiEnv> {
  return async function requestStrings(c, next) {
    const { path, query } = partsOf(c.req.raw.url);
    const inPath = path.includes('%') ? flawOf(path) : null;
    if (inPath !== null) {
      throw new ProblemError('not_found', `There is nothing at ${show(path)}: the path has ${inPath}.`);
    }
    if (query !== '') {
      const errors = flawsOfQuery(query);
      if (errors.length > 0) throw invalid(errors);
    }
    await next();
  };
}

/** The raw path and query of an absolute URL. */
export function partsOf(url: string): { path: string; query: string } {
  const start = url.indexOf('/', url.indexOf('//') + 2);
  const end = url.indexOf('?', start);
  const fragment = url.indexOf('#', start);
  const stop = fragment === -1 ? url.length : fragment;
  if (end === -1 || end > stop) return { path: url.slice(start, stop), query: '' };
  return { path: url.slice(start, end), query: url.slice(end + 1, stop) };
}

/** Names and values as they were written, in order. */
export function* parametersOf(query: string): Generator<[name: string, value: string]> {
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    yield equals === -1 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
  }
}

function flawsOfQuery(query: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, value] of parametersOf(query)) {
    if (!query.includes('%')) return errors;
    const inName = flawOf(name);
    if (inName !== null) errors.push({ path: '', message: `the parameter name ${show(name)} has ${inName}` });
    const inValue = flawOf(value);
    if (inValue !== null)
      errors.push({ path: decoded(name) ?? name, message: `${show(value)} has ${inValue}` });
  }
  return errors;
}

/** @returns the problem of a percent-encoded text, worded to complete "has ..."; null if there is none. */
function flawOf(encoded: string): string | null {
  const text = decoded(encoded);
  return text === null ? 'a percent-encoding that is not UTF-8. Encode it as UTF-8' : unstorableText(text);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
