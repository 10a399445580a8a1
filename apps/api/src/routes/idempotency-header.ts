import { isFree, NOT_FREE } from '@carillon/core/campaign/keys';
import { z } from '@hono/zod-openapi';
import { invalid } from '../middleware/invalid.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

/** A key that a request gives; those that Carillon makes itself are refused. */
export function idempotencyKey() {
  return z
    .string()
    .regex(KEY, 'is not an idempotency key; give 1 to 255 visible ASCII characters without spaces')
    .refine(isFree, { error: NOT_FREE });
}

/** For `headers` of requests that start something: an equal request with the same key starts nothing more. */
export const idempotencyKeyHeader = {
  'idempotency-key': idempotencyKey()
    .optional()
    .describe('1 to 255 visible ASCII characters; the same request again gets the first answer.'),
};

/** For `headers` of their answers. */
export const replayedHeader = {
  'Idempotent-Replayed': {
    description: '`true` if an earlier, equal request did it.',
    schema: { type: 'string' as const, enum: ['true'] },
  },
};

/** @throws ProblemError 422 for two different ones. */
export function oneKey(header: string | undefined, body: string | undefined): string | null {
  if (header !== undefined && body !== undefined && header !== body)
    throw invalid([
      { path: 'idempotency_key', message: 'differs from the header Idempotency-Key; give one of them' },
    ]);
  return header ?? body ?? null;
}
