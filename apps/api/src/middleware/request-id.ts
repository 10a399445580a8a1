import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';

/** A caller's own id is kept if it is short and plain: it goes into logs and headers. */
const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/** Every answer carries X-Request-Id: the caller's if it sent a sane one, else a new one. */
export function requestId(): MiddlewareHandler<ApiEnv> {
  return async function requestId(c, next) {
    const given = c.req.header('x-request-id');
    const id = given !== undefined && SANE.test(given) ? given : randomUUID();
    c.set('requestId', id);
    c.header('X-Request-Id', id);
    await next();
  };
}
