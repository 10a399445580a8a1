import { makeStaffToken } from '@carillon/core/access/staff-token';
import type { Context, MiddlewareHandler } from 'hono';
import type { DashboardDeps, DashboardEnv } from './deps.ts';

/** What the browser may say to the API; above all neither cookies nor credentials of its own. */
const PASSED_ON = [
  'accept',
  'accept-language',
  'carillon-app',
  'carillon-environment',
  'carillon-max-lag',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'import-id',
  'last-event-id',
  'traceparent',
  'x-request-id',
];
/** What the API says about the connection to this process and not about the answer. */
const OF_THE_CONNECTION = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-encoding',
  'content-length',
];

/** Files, which may be larger than memory. Everything else is a small JSON text. */
const FILES = /^(text\/csv|application\/x-ndjson)\s*(;|$)/i;

/**
 * `/api/*` is the public API, for the person of the session: a token that lives a minute names the session, and the API
 * decides what its person may do.
 */
export function apiProxy({
  config: { API_URL, ENCRYPTION_KEYS },
}: Pick<DashboardDeps, 'config'>): MiddlewareHandler<DashboardEnv> {
  const base = API_URL.replace(/\/$/, '');
  return async (c) => {
    const { sessionId, now } = c.get('staff');
    const headers = new Headers();
    for (const name of PASSED_ON) {
      const value = c.req.header(name);
      if (value !== undefined) headers.set(name, value);
    }
    headers.set('authorization', `Bearer ${makeStaffToken(ENCRYPTION_KEYS, sessionId, now.getTime())}`);
    const { pathname, search } = new URL(c.req.url);
    const isFile = FILES.test(c.req.header('content-type') ?? '');
    // The API ends the connection of a file that it refuses before its end: the next request must not be sent on it.
    if (isFile) headers.set('connection', 'close');
    const body = ['GET', 'HEAD'].includes(c.req.method) ? null : await bodyOf(c, isFile);
    let answer: Response;
    try {
      answer = await fetch(`${base}${pathname.slice('/api'.length)}${search}`, {
        method: c.req.method,
        headers,
        ...(body !== null && { body, duplex: 'half' as const }),
        redirect: 'manual',
        signal: c.req.raw.signal,
      });
    } catch {
      const detail = 'The API does not answer. What you see may be out of date; try again in a few seconds.';
      const problem = { status: 503, code: 'unavailable', title: 'The API does not answer', detail };
      return c.json(problem, 503, { 'Retry-After': '3' });
    }
    const kept = new Headers(answer.headers);
    for (const name of OF_THE_CONNECTION) kept.delete(name);
    return new Response(answer.body, { status: answer.status, headers: kept });
  };
}

/**
 * A file is passed on as fast as the API takes it, for as long as bytes come: the API ends a silent one. Everything else
 * is read first.
 */
async function bodyOf(
  c: Context<DashboardEnv>,
  isFile: boolean,
): Promise<ReadableStream<Uint8Array> | ArrayBuffer | null> {
  if (!isFile) return c.req.arrayBuffer();
  c.get('clock').hold();
  return c.req.raw.body;
}
