import type { Problem } from './api-types.ts';
import { CarillonError } from './carillon-error.ts';

/** The part of `Response` that the client reads; `fetch` of every runtime returns it. */
export interface AnswerLike {
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
  /** Only streams need it. */
  body?: ByteStream | null;
}

/** The part of `ReadableStream<Uint8Array>` that the client reads. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

export interface Answer {
  /** Parsed, or the text of a file (CSV, NDJSON); undefined if there is none. */
  body: unknown;
  header(name: string): string | null;
}

/**
 * @returns the body of a 2xx.
 * @throws CarillonError for everything else, and errors of reading the body.
 */
export async function readAnswer(response: AnswerLike): Promise<Answer> {
  const { status } = response;
  const text = await response.text();
  const header = (name: string): string | null => response.headers.get(name);
  if (status < 200 || status >= 300) throw refusalOf(status, text, header);
  if (text === '') return { body: undefined, header };
  if (/^(?:text\/csv|application\/x-ndjson)\b/i.test(header('content-type') ?? ''))
    return { body: text, header };
  try {
    return { body: JSON.parse(text), header };
  } catch (cause) {
    throw unexpected(status, `with something that is not JSON: ${excerpt(text)}`, header, cause);
  }
}

/** What an answer other than a 2xx says. */
export function refusalOf(status: number, text: string, header: Answer['header']): CarillonError {
  const problem = problemOf(text);
  if (problem) return CarillonError.fromProblem(problem, secondsOf(header('retry-after')));
  if (status >= 300 && status < 400) {
    // Following it would turn a POST into a GET that "succeeds" and sends nothing.
    const where = header('location');
    return unexpected(
      status,
      `with a redirect${where ? ` to ${excerpt(where)}` : ''}, which is not followed; put the final address into baseUrl`,
      header,
    );
  }
  return unexpected(
    status,
    `without problem details, so it is not the API that speaks: ${excerpt(text)}`,
    header,
  );
}

export function unexpected(
  status: number,
  what: string,
  header: Answer['header'],
  cause?: unknown,
): CarillonError {
  return new CarillonError('unexpected_answer', `The server answered ${status} ${what}`, {
    status,
    requestId: header('x-request-id'),
    retryAfterSeconds: secondsOf(header('retry-after')),
    cause,
  });
}

function problemOf(text: string): Problem | null {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null;
    return typeof body?.code === 'string' &&
      typeof body.detail === 'string' &&
      typeof body.status === 'number'
      ? (body as Problem)
      : null;
  } catch {
    return null;
  }
}

/** `Retry-After` is seconds or a date (RFC 9110, 10.2.3). */
function secondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? '(nothing)' : line.length > 120 ? `${line.slice(0, 117)}...` : line;
}
