import type { KeyRing } from '@carillon/core/envelope';
import { DISABLE_AFTER_MS, nextTryMs } from '@carillon/core/event';
import { groupCommit } from '@carillon/core/group-commit';
import { type ClaimedDelivery, claimEventDeliveries } from '@carillon/db/queries/claim-event-deliveries';
import type { EventDeliveryKey } from '@carillon/db/queries/fan-out-events';
import { recordEventTries, type TryEnd } from '@carillon/db/queries/record-event-tries';
import type { Sql } from 'postgres';
import type { GuardedPost, PostResult } from './guarded-post.ts';
import { signedRequest } from './signed-request.ts';

/**
 * Events -> customers' endpoints: claim, sign, post, record. At least once: a try whose answer was lost is repeated, with the
 * same `webhook-id`, so that the receiver can drop it. https://www.standardwebhooks.com
 */
export interface EmitOptions {
  sql: Sql;
  ring: KeyRing;
  http: GuardedPost;
  onTried?(result: 'delivered' | 'failed' | 'retried'): void;
  random?(): number;
}

/** Longer than a try may take. */
const LEASE_MS = 30_000;

/** @returns tries one delivery; resolves with when to try again (ms since the epoch), or null when it has ended. */
export function createEmit({ sql, ring, http, onTried, random = Math.random }: EmitOptions) {
  const claim = groupCommit(
    async (keys: EventDeliveryKey[]) => {
      const claimed = new Map(
        (await claimEventDeliveries(sql, keys, LEASE_MS)).map((each) => [name(each), each]),
      );
      return keys.map((key) => claimed.get(name(key)) ?? null);
    },
    { maxGroup: 250, maxInFlight: 1 },
  );
  const record = groupCommit(
    async (ends: TryEnd[]) => {
      await recordEventTries(sql, ends, DISABLE_AFTER_MS);
      return ends.map(() => undefined);
    },
    { maxGroup: 250, maxInFlight: 1 },
  );

  return async (key: EventDeliveryKey): Promise<number | null> => {
    const claimed = await claim(key);
    if (claimed === null) return null;
    const startedAt = performance.now();
    const request = signedRequest(claimed, ring);
    const result = 'error' in request ? request : await http.post(claimed.url, request.headers, request.body);
    const end = endOf(claimed, result, Math.round(performance.now() - startedAt), random());
    await record(end);
    onTried?.(end.delivered ? 'delivered' : end.retryInMs === null ? 'failed' : 'retried');
    return end.retryInMs === null ? null : Date.now() + end.retryInMs;
  };
}

const name = ({ eventId, endpointId }: EventDeliveryKey): string => `${eventId}/${endpointId}`;

/** Pure: what an answer means. Only 2xx is a delivery; a redirect is none. Exported for its tests. */
export function endOf(
  { eventId, endpointId, tries }: Pick<ClaimedDelivery, 'eventId' | 'endpointId' | 'tries'>,
  result: PostResult,
  latencyMs: number,
  random: number,
): TryEnd {
  const base = { eventId, endpointId, tries, latencyMs };
  if ('error' in result)
    return {
      ...base,
      status: null,
      error: result.error,
      retryInMs: nextTryMs(tries, random),
      delivered: false,
      gone: false,
    };
  const { status } = result;
  if (status >= 200 && status < 300)
    return { ...base, status, error: null, retryInMs: null, delivered: true, gone: false };
  const gone = status === 410;
  const error =
    status >= 300 && status < 400 ? `answered ${status}: redirects are not followed` : `answered ${status}`;
  return {
    ...base,
    status,
    error,
    retryInMs: gone ? null : nextTryMs(tries, random),
    delivered: false,
    gone,
  };
}
