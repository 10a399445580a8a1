import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';

/** A caller's own id is kept if it is short and plain: it goes into logs and headers. */
const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Every answer carries X-Request-Id: the caller's if it sent a sane one, else a new one. Outermost: it also puts the
 * headers that inner middleware left in `answerHeaders` on the answer, whoever made it.
 */
export function requestId(): MiddlewareHandler<ApiEnv> {
  return async function requestId(c, next) {
    const given = c.req.header('x-request-id');
    const id = given !== undefined && SANE.test(given) ? given : randomUUID();
    const answer = { headers: { 'X-Request-Id': id }, complete: false };
    c.set('requestId', id);
    c.set('answerHeaders', answer);
    await next();
    if (answer.complete) return;
    for (const [name, value] of Object.entries(answer.headers)) c.res.headers.set(name, value);
  };
}
