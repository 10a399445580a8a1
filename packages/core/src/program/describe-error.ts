import { OwnError } from './own-error.ts';
import { scrub, scrubId, scrubLine } from './scrub.ts';

/**
 * What may be known of an error outside the process. Messages of drivers, providers and libraries quote what they were
 * given: names, codes, bodies, URLs; no rule recognises all of it. So they are left out, and class, code, constraint,
 * status, chain of causes and place are kept: with them the message is found in the source or the documentation.
 */
export interface DescribedError {
  error: string;
  code?: string;
  http_status?: number;
  constraint?: string;
  table?: string;
  column?: string;
  text?: string;
  causes?: string[];
  stack?: string;
}

/** `own`: messages only of classes of this system. `scrubbed`: of all, after scrub.ts; for development. */
export type ErrorTexts = 'own' | 'scrubbed';

const MOST_CAUSES = 8;
const MOST_FRAMES = 8;
const NAME = /^[\w$.-]{1,100}$/;
/** A larger number may be a telephone number. */
const HIGHEST_CODE = 1_000_000;

/**
 * @param error anything thrown.
 * @param texts whose messages may be shown.
 * @returns the description of the innermost cause, with the classes and codes of those around it.
 */
export function describeError(error: unknown, texts: ErrorTexts = 'own'): DescribedError {
  const chain = chainOf(error);
  const root = chain.at(-1);
  if (!(root instanceof Error)) {
    const text = texts === 'scrubbed' && typeof root === 'string' ? { text: scrubLine(root) } : {};
    return { error: classOf(root), ...text, ...causesOf(chain) };
  }
  return {
    error: classOf(root),
    ...named('code', codeOf(root)),
    ...statusOf(root),
    ...named('constraint', nameAt(root, 'constraint_name')),
    ...named('table', nameAt(root, 'table_name')),
    ...named('column', nameAt(root, 'column_name')),
    ...named('text', textOf(root, texts)),
    ...causesOf(chain),
    ...named('stack', framesOf(root).join('\n')),
  };
}

/**
 * A copy of an error that holds nothing but what `describeError` shows: for receivers that want an Error.
 *
 * @returns an Error with its causes and the members of an AggregateError.
 */
export function bareError(error: unknown, depth = 0): Error {
  if (!(error instanceof Error)) return renamed(new Error(''), classOf(error), []);
  const deeper = (each: unknown) => bareError(each, depth + 1);
  const isDeep = depth >= MOST_CAUSES;
  const cause = error.cause === undefined || isDeep ? {} : { cause: deeper(error.cause) };
  const text = textOf(error, 'own');
  const bare =
    error instanceof AggregateError
      ? new AggregateError(isDeep ? [] : error.errors.slice(0, MOST_CAUSES).map(deeper), text, cause)
      : new Error(text, cause);
  const code = codeOf(error);
  return Object.assign(renamed(bare, classOf(error), framesOf(error)), code === undefined ? {} : { code });
}

/** Errors of one kind are taken for the same: class and code; without a code, the place that they came from. */
export function kindOfError(error: unknown): string {
  const root = chainOf(error).at(-1);
  if (!(root instanceof Error)) return classOf(root);
  return `${classOf(root)} ${codeOf(root) ?? frameLines(root, 1)[0] ?? ''}`;
}

/** From the outermost error to the innermost. */
function chainOf(error: unknown): unknown[] {
  const chain = [error];
  for (let at = error; at instanceof Error && at.cause !== undefined && chain.length < MOST_CAUSES; ) {
    at = at.cause;
    if (chain.includes(at)) break;
    chain.push(at);
  }
  return chain;
}

function causesOf(chain: readonly unknown[]): Pick<DescribedError, 'causes'> {
  const root = chain.at(-1);
  const members = root instanceof AggregateError ? root.errors.slice(0, MOST_CAUSES) : [];
  if (chain.length + members.length < 2) return {};
  return {
    causes: [...chain, ...members].map((each) =>
      [classOf(each), each instanceof Error ? codeOf(each) : undefined].filter(Boolean).join(' '),
    ),
  };
}

function classOf(error: unknown): string {
  if (!(error instanceof Error)) return `no Error but a ${error === null ? 'null' : typeof error}`;
  const made = error.constructor as { name?: unknown } | undefined;
  const isName = (each: unknown): each is string => typeof each === 'string' && NAME.test(each);
  return scrubId([error.name, made?.name].find(isName) ?? 'Error');
}

function codeOf(error: Error): string | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code === 'number' && Math.abs(code) < HIGHEST_CODE) return String(code);
  if (typeof code === 'string' && NAME.test(code)) return scrubId(code);
  // Errors of Redis begin with a word for their kind.
  return error.name === 'ReplyError' ? /^[A-Z]{2,30}\b/.exec(error.message)?.[0] : undefined;
}

function statusOf(error: Error): Pick<DescribedError, 'http_status'> {
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  const found = [status, statusCode].find((each) => Number.isInteger(each));
  return typeof found === 'number' && found >= 100 && found <= 599 ? { http_status: found } : {};
}

function nameAt(error: Error, property: string): string | undefined {
  const value = (error as unknown as Record<string, unknown>)[property];
  return typeof value === 'string' && NAME.test(value) ? scrubId(value) : undefined;
}

function textOf(error: Error, texts: ErrorTexts): string {
  const isShown = texts === 'scrubbed' || error instanceof OwnError || NAMES_NO_VALUE.test(sqlStateOf(error));
  return isShown ? scrubLine(String(error.message)) : '';
}

/**
 * Classes of PostgreSQL whose messages name the server and the schema, and no value of a row: connection, transaction,
 * syntax or access, resources, state of objects, operator, system. Not 22, 23 and P0.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const NAMES_NO_VALUE = /^(?:08|25|40|42|53|55|57|58)\w{3}$/;

function sqlStateOf(error: Error): string {
  return error.name === 'PostgresError' ? (codeOf(error) ?? '') : '';
}

/** A function and a place in a file; only the whole shape counts, for a message may have lines that begin with "at". */
const FRAME =
  /^\s+at (?:[^\n()]{1,200} (?:\[as [\w$.]+\] )?\()?(?:file:\/\/|node:|\/|[A-Za-z]:\\)[^\n()]{1,500}:\d+:\d+\)?$/;

function framesOf(error: Error): string[] {
  return frameLines(error, MOST_FRAMES).map((line) => scrub(line.trim()));
}

function frameLines({ stack, message }: Error, most: number): string[] {
  if (typeof stack !== 'string' || typeof message !== 'string') return [];
  const start = message === '' ? -1 : stack.indexOf(message);
  const lines = (start < 0 ? stack : stack.slice(start + message.length)).split('\n');
  const frames: string[] = [];
  for (const line of lines) if (frames.length < most && FRAME.test(line)) frames.push(line);
  return frames;
}

function renamed<E extends Error>(error: E, name: string, frames: readonly string[]): E {
  error.name = name;
  error.stack = [`${name}: ${error.message}`, ...frames.map((frame) => `    ${frame}`)].join('\n');
  return error;
}

function named<Name extends keyof DescribedError>(
  name: Name,
  value: string | undefined,
): Partial<Record<Name, string>> {
  return value === undefined || value === '' ? {} : ({ [name]: value } as Record<Name, string>);
}
