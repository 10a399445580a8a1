import { scrubLine } from '@carillon/core/program/scrub';
import { type FieldError, PROBLEMS, type ProblemCode } from '@carillon/core/text/problem';
import type { Vocabulary } from './vocabulary.ts';

/**
 * What may be kept of a request: the words of this API, numbers of places, and the sentences of its problems. What a
 * request said (values, names that are not the API's, ids of people) is replaced by what it was. Where a rule cannot be
 * sure, it replaces.
 */

const VALUE = '[value]';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Parameters that name settings of the installation, not people; kept where they exist. */
const SETTINGS: ReadonlySet<string> = new Set(['account', 'key', 'name']);
const MOST_ERRORS = 20;

/**
 * @param route as registered: `/v1/templates/:key`.
 * @param isAnswered whether it was no problem: then what its parameters name exists.
 */
export function shownPath(route: string, path: string, isAnswered: boolean, words: Vocabulary): string {
  const pattern = route.split('/');
  const parts = path.split('/');
  if (pattern.length !== parts.length || route.includes('*'))
    return parts.map((part) => (words.has(part) || UUID.test(part) ? part : '...')).join('/');
  return pattern
    .map((own, k) => {
      const part = parts[k]!;
      if (!own.startsWith(':')) return own;
      return UUID.test(part) || (isAnswered && SETTINGS.has(own.slice(1))) ? part : own;
    })
    .join('/');
}

/** @returns the names of the parameters, with values that are words of the API; empty if there are none. */
export function shownQuery(query: string, words: Vocabulary): string {
  if (query === '') return '';
  const shown = [...new URLSearchParams(query)]
    .slice(0, MOST_ERRORS)
    .map(([name, value]) => `${words.has(name) ? name : '...'}=${words.has(value) ? value : '...'}`);
  return `?${shown.join('&')}`;
}

export interface ShownProblem {
  code: ProblemCode;
  detail: string;
  errors: FieldError[] | null;
}

/** @param problem as it was answered. */
export function shownProblem(
  problem: { code: ProblemCode; message: string; errors?: readonly FieldError[] | undefined },
  words: Vocabulary,
): ShownProblem {
  const { code } = problem;
  const given = problem.errors ?? [];
  // Names of variables come from the template, which is a setting.
  const isName = (part: string): boolean =>
    words.has(part) ||
    /^\d{1,4}$/.test(part) ||
    (code === 'missing_variables' && /^[A-Za-z_]\w{0,39}$/.test(part));
  const errors = given.slice(0, MOST_ERRORS).map(({ path, message }) => ({
    path: path
      .split('.')
      .map((part) => (part === '' || isName(part) ? part : '[name]'))
      .join('.'),
    message: shownSentence(message, words),
  }));
  const first = errors[0];
  const more = given.length > 1 ? ` (and ${given.length - 1} more, see errors)` : '';
  const isOfFields = code === 'invalid_request' && first !== undefined;
  const detail = isOfFields
    ? `${first.path === '' ? '' : `${first.path}: `}${first.message}${more}`
    : // The parser of JSON quotes the body in its own way.
      code === 'malformed_json'
      ? PROBLEMS[code].title
      : shownSentence(problem.message, words);
  return { code, detail, errors: errors.length === 0 ? null : errors };
}

/** A value that was cut by `show` (middleware/invalid.ts) has no closing quote. */
const CUT = /"[^"]{76}\.\.\.(?=\s|$)/g;
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
const SINGLE_QUOTED = /(?<!\w)'([^'\n]*)'(?!\w)/g;
/** A sentence about a field begins with its value: a number, a list or an object is not in quotes. */
const BEGINS_WITH_VALUE = /^(?:[[{].*?|-?\d\S*) (?=(?:is|has|cannot|would|differs|names|must|does) )/s;
const PATH = /\/v1\/\S*/g;

function shownSentence(sentence: string, words: Vocabulary): string {
  const kept = (whole: string, text: string): string => (words.has(text) ? whole : `"${VALUE}"`);
  const shown = sentence
    .replace(BEGINS_WITH_VALUE, `${VALUE} `)
    .replace(CUT, `"${VALUE}"`)
    .replace(QUOTED, kept)
    .replace(SINGLE_QUOTED, kept)
    .replace(PATH, (path) =>
      path
        .split('/')
        .map((part) =>
          words.has(part.replace(/[.,;:]$/, '')) || /^\{\w+\}/.test(part) || UUID.test(part) ? part : '...',
        )
        .map((part, k) => (k === 0 ? '' : part))
        .join('/'),
    );
  // An odd number of quotes: something was quoted in a way that is not known here.
  const isSafe = (shown.match(/"/g)?.length ?? 0) % 2 === 0;
  return isSafe ? scrubLine(shown).slice(0, 500) : VALUE;
}

const MOST_MEMBERS = 40;
const MOST_ITEMS = 2;
const MOST_LEVELS = 5;

/**
 * The form of a body: its members as far as they are this API's, with placeholders for values. Enough to see which form
 * was sent, and to send one like it; nothing of what it said.
 */
export function shapeOf(body: unknown, words: Vocabulary, level = 0): unknown {
  if (typeof body === 'string') return words.has(body) ? body : '...';
  if (typeof body === 'number') return 0;
  if (typeof body !== 'object' || body === null) return body;
  if (level >= MOST_LEVELS) return Array.isArray(body) ? [] : {};
  if (Array.isArray(body)) return body.slice(0, MOST_ITEMS).map((item) => shapeOf(item, words, level + 1));
  const shape: Record<string, unknown> = {};
  for (const name of Object.keys(body).slice(0, MOST_MEMBERS))
    if (words.has(name)) shape[name] = shapeOf((body as Record<string, unknown>)[name], words, level + 1);
    else shape['...'] = '...';
  return shape;
}
