import { type OperationId, type Operations, ROUTES } from './api-types.ts';
import { assertCallOptions, type CallOptions } from './call-options.ts';
import { CarillonError } from './carillon-error.ts';
import { onAbort } from './on-abort.ts';
import { type Answer, type AnswerLike, readAnswer } from './read-answer.ts';
import { isDoneBefore, mayHaveArrived, nextWaitMs } from './retry-rule.ts';
import type { TokenSource } from './token-source.ts';
import { VERSION } from './version.ts';
import { WrittenJson, writeJson } from './written-json.ts';

/** The part of `fetch` that the client uses: `fetch` itself, or a Hono app's `request`. */
export type FetchLike = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    /** Of uploads a stream, with `duplex: 'half'` beside it. */
    body?: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => AnswerLike | Promise<AnswerLike>;

export interface TransportOptions {
  /** An API key, or where tokens come from. */
  credential: string | TokenSource;
  baseUrl: string;
  fetch: FetchLike;
  /** False where web pages call: in some browsers the header would need a permission of CORS. */
  withUserAgent?: boolean;
  timeoutMs: number;
  retries: number;
  /** Rejects with the signal's reason when it is aborted. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** In [0, 1). */
  random(): number;
}

/** The input of an operation: `path`, `query` and `body`, where it has them. */
export type Input<Id extends OperationId> = {
  [Part in keyof Operations[Id] as Exclude<Part, 'answer'>]: Part extends 'body'
    ? Operations[Id][Part] | WrittenJson
    : Operations[Id][Part];
};

/** An answer with its entity tag: give that as `ifMatch` to the change that starts from it. */
export type Tagged<Body> = Body & { readonly etag: string };

export interface Exchange<Id extends OperationId> {
  body: Operations[Id]['answer'];
  header(name: string): string | null;
}

export interface Opened {
  /** Of any status. */
  answer: AnswerLike;
  /** The API refused the credential of this request. @returns whether the next request may have another. */
  renew(): boolean;
}

/**
 * Performs operations over HTTP: builds the request, repeats it by the retry rule, and turns the answer into a value or
 * a CarillonError.
 */
export interface Transport {
  readonly retries: number;
  call<Id extends OperationId>(
    id: Id,
    input: Input<Id>,
    options?: CallOptions,
  ): Promise<Operations[Id]['answer']>;
  /** The same with the headers of the answer. */
  exchange<Id extends OperationId>(id: Id, input: Input<Id>, options?: CallOptions): Promise<Exchange<Id>>;
  /** The same with the entity tag of the answer. */
  tagged<Id extends OperationId>(
    id: Id,
    input: Input<Id>,
    options?: CallOptions,
  ): Promise<Tagged<Operations[Id]['answer']>>;
  /** One request, without repeats, whose answer is read as it comes. */
  open<Id extends OperationId>(id: Id, input: Input<Id>, signal: AbortSignal): Promise<Opened>;
  /** One request whose body is sent as it comes: without repeats, and for as long as it takes. */
  upload<Id extends OperationId>(
    id: Id,
    input: Pick<Input<Id>, 'query' & keyof Input<Id>>,
    file: UploadedFile,
    signal: AbortSignal | undefined,
  ): Promise<Operations[Id]['answer']>;
  wait(ms: number, signal: AbortSignal | undefined): Promise<void>;
  random(): number;
}

export interface UploadedFile {
  body: ReadableStream<Uint8Array>;
  contentType: string;
  headers?: Readonly<Record<string, string>>;
}

interface Prepared {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export function createTransport(options: TransportOptions): Transport {
  const { wait, random, credential } = options;
  const isFixed = typeof credential === 'string';
  const renew = (token: string): boolean => !isFixed && credential.refused(token);

  const exchange: Transport['exchange'] = async (id, input, callOptions = {}) => {
    assertCallOptions(callOptions);
    const { signal, timeoutMs, retries, ifMatch } = callOptions;
    const request = requestOf(options, id, input, ifMatch);
    let maybeDone = false;
    let isRenewed = false;
    for (let tries = 1; ; tries++) {
      let token = '';
      try {
        token = isFixed ? credential : await credential.get();
        request.headers.authorization = `Bearer ${token}`;
        const answer = await once(options.fetch, request, timeoutMs ?? options.timeoutMs, signal);
        return answer as Exchange<typeof id>;
      } catch (error) {
        if (!(error instanceof CarillonError)) throw error;
        if (maybeDone && isDoneBefore(id, error)) {
          return { body: undefined, header: () => null } as Exchange<typeof id>;
        }
        error.tries = tries;
        if (error.status === 401 && !isRenewed && renew(token)) {
          isRenewed = true;
          continue;
        }
        maybeDone ||= mayHaveArrived(error);
        const waitMs = nextWaitMs(id, error, tries, retries ?? options.retries, random());
        if (waitMs === null) throw error;
        await wait(waitMs, signal);
      }
    }
  };

  return {
    retries: options.retries,
    exchange,
    call: async (id, input, callOptions) => (await exchange(id, input, callOptions)).body,
    tagged: async (id, input, callOptions) => {
      const { body, header } = await exchange(id, input, callOptions);
      return { ...(body as object), etag: header('etag') ?? '' } as Tagged<typeof body>;
    },
    open: async (id, input, signal) => {
      const { url, method, headers } = requestOf(options, id, input, undefined);
      const token = isFixed ? credential : await credential.get();
      headers.authorization = `Bearer ${token}`;
      headers.accept = 'text/event-stream, application/problem+json';
      signal.throwIfAborted();
      try {
        const answer = await options.fetch(url, { method, headers, redirect: 'manual', signal });
        return { answer, renew: () => renew(token) };
      } catch (cause) {
        throw unreachable(url, cause);
      }
    },
    upload: async (id, input, { body, contentType, headers: more }, signal) => {
      const { url, method, headers } = requestOf(options, id, input as Input<typeof id>, undefined);
      const token = isFixed ? credential : await credential.get();
      Object.assign(headers, more, { authorization: `Bearer ${token}`, 'content-type': contentType });
      signal?.throwIfAborted();
      const controller = new AbortController();
      const forget = onAbort(signal, () => controller.abort(signal?.reason));
      try {
        const init = { method, headers, redirect: 'manual', signal: controller.signal } as const;
        const streaming = { ...init, body, duplex: 'half' };
        return (await readAnswer(await options.fetch(url, streaming as unknown as typeof init)))
          .body as Operations[typeof id]['answer'];
      } catch (cause) {
        if (cause instanceof CarillonError) throw cause;
        signal?.throwIfAborted();
        throw unreachable(url, cause);
      } finally {
        forget();
      }
    },
    wait,
    random,
  };
}

function requestOf<Id extends OperationId>(
  { baseUrl, withUserAgent = true }: TransportOptions,
  id: Id,
  input: Input<Id>,
  ifMatch: string | undefined,
): Prepared {
  const { method, path } = ROUTES[id];
  const {
    path: parameters,
    query,
    body,
  } = input as {
    path?: Record<string, string>;
    query?: Record<string, unknown>;
    body?: unknown;
  };
  return {
    method,
    url: `${baseUrl}${filled(path, parameters ?? {})}${queryOf(query ?? {})}`,
    headers: {
      accept: 'application/json, application/problem+json',
      ...(withUserAgent ? { 'user-agent': `carillon-client/${VERSION}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    body: body === undefined ? undefined : body instanceof WrittenJson ? body.text : writeJson(body),
  };
}

function filled(path: string, parameters: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    // As a path segment, these would change the URL: "", "." and ".." even when they are escaped.
    if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
      throw new TypeError(
        `${name} is ${JSON.stringify(value)}; it must be a text other than "", "." and ".."`,
      );
    }
    return encodeURIComponent(value);
  });
}

function queryOf(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]))}`;
}

/** One request. Its time covers the body too; the caller's signal ends it with the caller's reason. */
async function once(
  fetch: FetchLike,
  { url, method, headers, body }: Prepared,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    controller.abort();
  }, timeoutMs);
  const forget = onAbort(signal, () => controller.abort(signal?.reason));
  try {
    const init = { method, headers, redirect: 'manual', signal: controller.signal } as const;
    return await readAnswer(await fetch(url, body === undefined ? init : { ...init, body }));
  } catch (cause) {
    if (cause instanceof CarillonError) throw cause;
    signal?.throwIfAborted();
    const { origin } = new URL(url);
    throw isLate
      ? new CarillonError('timed_out', `${origin} did not answer within ${timeoutMs} ms.`, { cause })
      : unreachable(url, cause);
  } finally {
    clearTimeout(timer);
    forget();
  }
}

function unreachable(url: string, cause: unknown): CarillonError {
  const { origin } = new URL(url);
  return new CarillonError('unreachable', `${origin} cannot be reached: ${wordsFor(cause)}.`, { cause });
}

/** `fetch failed` is not informative; its `cause` is. */
export function wordsFor(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: string; message?: string } };
  return [message ?? String(error), cause?.code ?? cause?.message].filter(Boolean).join(', ');
}
