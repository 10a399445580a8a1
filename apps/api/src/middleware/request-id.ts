import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';

/** A caller's own id is kept if it is short and plain: it goes into logs and headers. */
const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/** Forbids content sniffing, and caching unless a route allows it. */
const EVERY_ANSWER = { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store' };

/**
 * Every answer carries X-Request-Id: the caller's if it is valid, else a new one. Outermost middleware: it also adds
 * the headers that inner middleware left in `answerHeaders` to every answer.
 */
export function requestId(): MiddlewareHandler<ApiEnv> {
  return async function requestId(c, next) {
    const given = c.req.header('x-request-id');
    const id = given !== undefined && SANE.test(given) ? given : randomUUID();
    const answer = { headers: { ...EVERY_ANSWER, 'X-Request-Id': id }, complete: false };
    c.set('requestId', id);
    c.set('answerHeaders', answer);
    await next();
    if (answer.complete) return;
    const { headers } = c.res;
    for (const [name, value] of Object.entries(answer.headers)) {
      if (name !== 'Cache-Control' || !headers.has(name)) headers.set(name, value);
    }
  };
}
