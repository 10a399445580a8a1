import { allows } from '@carillon/core/access/access';
import { maskText } from '@carillon/core/recipient/mask';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';

/** Names of staff, visible to everyone who sees the answer. */
const KEPT = new Set(['actor', 'added_by', 'held_by', 'created_by', 'updated_by']);
const TEXTS = /^(text\/|application\/([a-z.+-]*\+)?(json|x-ndjson))/;

/**
 * Masks e-mail addresses and phone numbers in every answer to staff without `addresses:read`. One place for all routes:
 * a field that is added later is masked too. Answers to API keys are as they always were.
 */
export function maskAddresses(): MiddlewareHandler<ApiEnv> {
  return async function maskAddresses(c, next) {
    await next();
    const caller = c.get('caller');
    if (!caller?.staff || allows(caller.scopes, 'addresses:read') || c.get('isWithoutAddresses')) return;
    const type = c.res.headers.get('content-type') ?? '';
    if (!TEXTS.test(type) || c.res.body === null) return;
    const body = await c.res.text();
    const isJson = /json/.test(type) && !/ndjson/.test(type);
    const headers = new Headers(c.res.headers);
    headers.delete('content-length');
    c.res = new Response(isJson ? maskJson(body) : maskText(body), { status: c.res.status, headers });
  };
}

/** The same for a JSON text that is not a whole answer. */
export function maskJson(body: string): string {
  if (body === '') return '';
  const mask = (key: string, value: unknown) =>
    typeof value === 'string' && !KEPT.has(key) ? maskText(value) : value;
  return JSON.stringify(JSON.parse(body, mask));
}
