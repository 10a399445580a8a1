import type { OperationId, Operations } from '@carillon/client/api-types';
import { CarillonError } from '@carillon/client/carillon-error';
import { createTransport, type Exchange, type FetchLike, type Input } from '@carillon/client/transport';
import { wait } from '@carillon/client/wait';
import { ownChanges } from './own-changes.ts';

/** The app and environment that requests are about; `*` is every app. */
export interface Tenant {
  app: string;
  environment: 'live' | 'test';
}

let tenant: Tenant = { app: '*', environment: 'live' };
let onSessionLost: () => void = () => {};

/** Set by the shell whenever the address names another app or environment. */
export function setTenant(next: Tenant): void {
  tenant = next;
}

/** @param handler called once a request was answered 401: the session has ended. */
export function onLostSession(handler: () => void): void {
  onSessionLost = handler;
}

/** For requests that are not made by `call`: one was answered 401. */
export const sessionLost = (): void => onSessionLost();

export const changes = ownChanges(window.localStorage);

/** Headers of every request that is not made by `call`. */
export const tenantHeaders = (of: Tenant = tenant): Record<string, string> => ({
  'Carillon-App': of.app,
  'Carillon-Environment': of.environment,
});

/** `ifMatch`: the ETag of the answer that a change starts from. */
export interface Options {
  signal?: AbortSignal;
  ifMatch?: string;
}

const fetchAs =
  (of: Tenant | undefined): FetchLike =>
  async (url, init) => {
    const { Authorization: _, authorization: __, ...headers } = init.headers;
    try {
      const answer = await fetch(url, {
        ...init,
        headers: { ...headers, ...tenantHeaders(of), ...changes.headers() },
      });
      if (answer.status === 401) onSessionLost();
      return answer;
    } finally {
      if (init.method !== 'GET') changes.changed();
    }
  };

const transportOf = (of?: Tenant) =>
  createTransport({
    credential: 'session',
    baseUrl: `${window.location.origin}/api`,
    fetch: fetchAs(of),
    timeoutMs: 30_000,
    // Queries are repeated by the query cache, changes by the person.
    retries: 0,
    wait,
    random: Math.random,
  });

const here = transportOf();
const everywhere = transportOf({ app: '*', environment: 'live' });

/**
 * One operation of the public API, by its operation id, as the person who is signed in.
 *
 * @throws CarillonError with the fields of the API's problem.
 */
export function call<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: Options,
): Promise<Operations[Id]['answer']> {
  return here.call(id, input, options);
}

/** The same for routes that serve every app at once: apps, staff, the audit log of the installation. */
export function callEverywhere<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: Options,
): Promise<Operations[Id]['answer']> {
  return everywhere.call(id, input, options);
}

/** The same in another app or environment than the page: for what goes on while one looks at something else. */
export function callIn<Id extends OperationId>(
  of: Tenant,
  id: Id,
  input: Input<Id>,
  options?: Options,
): Promise<Operations[Id]['answer']> {
  return transportOf(of).call(id, input, options);
}

/**
 * The same in the live environment, whatever the page is about: provider accounts and their breakers carry live traffic
 * and belong to the whole installation.
 */
export function callLive<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: Options,
): Promise<Operations[Id]['answer']> {
  return transportOf({ ...tenant, environment: 'live' }).call(id, input, options);
}

/** The same as `exchange`, in the live environment. */
export function exchangeLive<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: Options,
): Promise<Exchange<Id>> {
  return transportOf({ ...tenant, environment: 'live' }).exchange(id, input, options);
}

/** The same with the headers of the answer, for `ETag`. */
export function exchange<Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: Options,
): Promise<Exchange<Id>> {
  return here.exchange(id, input, options);
}

/** A request to a route of the dashboard's own server: sign-in and session. @throws CarillonError. */
export async function own<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw new CarillonError('unreachable', 'The dashboard does not answer. Check your connection.', {
      cause,
    });
  }
  if (answer.status === 401 && !SIGNS_IN.test(path)) onSessionLost();
  const text = await answer.text();
  const value = text === '' ? undefined : safeJson(text);
  if (answer.ok) return value as T;
  const { message, detail, code } = (value ?? {}) as { message?: string; detail?: string; code?: string };
  throw new CarillonError(
    code ?? 'unexpected_answer',
    detail ?? message ?? `The answer was ${answer.status}.`,
    {
      status: answer.status,
    },
  );
}

/** Where a 401 says that a password or a code is wrong. */
const SIGNS_IN = /^\/auth\/(sign-in|two-factor\/verify)/;

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What went wrong, for people. */
export function detailOf(error: unknown): string {
  if (error instanceof CarillonError) return error.detail;
  return error instanceof Error ? error.message : String(error);
}

export { CarillonError };
