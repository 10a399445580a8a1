import { hash } from 'node:crypto';
import { canonicalJson } from '@carillon/core/request-hash';
import type { SendRequest } from './send-schema.ts';

/**
 * SHA-256 of what a request means: equal for a repeat, different for another request with the same key. The key itself
 * is not part of it, for it may stand in the header or in the body.
 *
 * Zod writes fields in the order of the schema, so only the members whose names are the caller's own (`data`,
 * `metadata`) have to be put in order here. Measured: 1.9 us against 6.4 for the canonical form of the whole; on a
 * batch that was a quarter of the API's time. A test holds the value for a known request: moving a field in the schema
 * would turn every replay into a conflict.
 *
 * @returns `\x` and 64 hex digits, which is how bytea reads text.
 */
export function fingerprint(request: SendRequest): string {
  const { data, metadata } = request;
  // JSON leaves undefined members out; a copy with some of them undefined is cheaper than one without them.
  let text = JSON.stringify({ ...request, idempotency_key: undefined, data: undefined, metadata: undefined });
  if (data !== undefined) text += `data${canonicalJson(data)}`;
  if (metadata !== undefined) text += `metadata${canonicalJson(metadata)}`;
  return `\\x${hash('sha256', text, 'hex')}`;
}
