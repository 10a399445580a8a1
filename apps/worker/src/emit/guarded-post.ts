import { Agent, request } from 'undici';
import { guardedLookup, refuseLiterals } from './address-guard.ts';
import { wordsFor } from './words-for.ts';

/**
 * One POST to an address that a customer wrote: to public networks only (unless the configuration allows others), without
 * following redirects, within a time, reading no more of the answer than a note for the list of deliveries needs.
 */
export interface GuardedPost {
  post(url: string, headers: Record<string, string>, body: string): Promise<PostResult>;
  close(): Promise<void>;
}

export type PostResult = { status: number; retryAfter: string | undefined } | { error: string };

export interface GuardedPostOptions {
  allowPrivate: boolean;
  timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 16 * 1024;

export function guardedPost({ allowPrivate, timeoutMs = TIMEOUT_MS }: GuardedPostOptions): GuardedPost {
  const agent = new Agent({
    connections: 16,
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(allowPrivate) },
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
        // The status is the answer; what follows is only read so that the connection can be used again.
        await answer.body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => {});
        const retryAfter = answer.headers['retry-after'];
        return {
          status: answer.statusCode,
          retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
        };
      } catch (error) {
        return { error: wordsFor(error, timeoutMs) };
      }
    },
    close: () => agent.destroy(),
  };
}
