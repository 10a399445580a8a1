import type { NameResolver } from '@carillon/providers/http/name-resolver';
import { Agent, request } from 'undici';
import { guardedLookup, refuseLiterals } from './address-guard.ts';
import { CONNECT_TIMEOUT_MS, isUnresolved, wordsFor } from './words-for.ts';

/**
 * One POST to a URL given by a customer: to public networks only (unless the configuration allows others), without
 * following redirects, within a time, reading no more of the answer than a note for the list of deliveries needs.
 */
export interface GuardedPost {
  post(url: string, headers: Record<string, string>, body: string): Promise<PostResult>;
  close(): Promise<void>;
}

/** `unresolved`: it was not called, because DNS did not answer. */
export type PostResult =
  | { status: number; retryAfter: string | undefined }
  | { error: string; unresolved?: boolean };

export interface GuardedPostOptions {
  allowPrivate: boolean;
  timeoutMs?: number;
  resolver?: NameResolver;
}

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 16 * 1024;

export function guardedPost({
  allowPrivate,
  timeoutMs = TIMEOUT_MS,
  resolver,
}: GuardedPostOptions): GuardedPost {
  const agent = new Agent({
    // Bounded by the slots of the endpoints. A bound per origin would let one endpoint hold up all others of a host.
    connections: null,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(allowPrivate, resolver) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  return {
    async post(url, headers, body) {
      try {
        refuseLiterals(url, allowPrivate);
        const signal = AbortSignal.timeout(timeoutMs);
        const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal });
        // The status is the answer; the rest is read only so that the connection can be reused.
        await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => {});
        const retryAfter = answer.headers['retry-after'];
        return {
          status: answer.statusCode,
          retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        };
      } catch (error) {
        const words = { error: wordsFor(error, timeoutMs) };
        return isUnresolved(error) ? { ...words, unresolved: true } : words;
      }
    },
    close: () => agent.destroy(),
  };
}
