import { hash } from 'node:crypto';
import { canonicalJson } from '@carillon/core/notification/request-hash';
import type { SendRequest } from './send-schema.ts';

/**
 * SHA-256 of what a request means: equal for a repeat, different for another request with the same key. The key itself
 * is excluded, because it may be in the header or in the body.
 *
 * Zod writes fields in the order of the schema, so only the members with names chosen by the caller (`data`,
 * `metadata`, `push`) have to be sorted here. Measured: 1.9 us against 6.4 for the canonical form of the whole; on a
 * batch that was a quarter of the API's time. A test holds the value for a known request: moving a field in the schema
 * would turn every replay into a conflict.
 *
 * @returns `\x` and 64 hex digits, which is how bytea reads text.
 */
export function fingerprint(request: SendRequest): string {
  const { data, metadata, push } = request;
  // JSON leaves undefined members out; a copy with some of them undefined is cheaper than one without them.
  let text = JSON.stringify({
    ...request,
    idempotency_key: undefined,
    data: undefined,
    metadata: undefined,
    push: undefined,
  });
  // Its data also has names chosen by the caller.
  if (push !== undefined) text += `push${canonicalJson(push)}`;
  if (data !== undefined) text += `data${canonicalJson(data)}`;
  if (metadata !== undefined) text += `metadata${canonicalJson(metadata)}`;
  return `\\x${hash('sha256', text, 'hex')}`;
}
