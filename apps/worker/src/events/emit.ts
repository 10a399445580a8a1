import type { KeyRing } from '@carillon/core/notification/envelope';
import type { OnGroup } from '@carillon/core/program/group-commit';
import { isTraced } from '@carillon/core/program/traces';
import { DISABLE_AFTER_MS, nextTryMs } from '@carillon/core/webhook/event';
import { groupStatements, isMembersFault } from '@carillon/db/connection/group-statements';
import { unstorableReason } from '@carillon/db/notifications/fail-unstorable';
import {
  type ClaimedDelivery,
  claimEventDeliveries,
  type EndpointClaim,
} from '@carillon/db/webhooks/claim-event-deliveries';
import { failEventDelivery, recordEventTries, type TryEnd } from '@carillon/db/webhooks/event-tries';
import { retryAfterMs } from '@carillon/providers/http/retry-after';
import type { Span } from '@opentelemetry/api';
import type { Sql } from 'postgres';
import { type Called, createDispatch, type Dispatch } from './dispatch.ts';
import { endEvent, inPostSpan, startEventSpan } from './event-spans.ts';
import type { GuardedPost, PostResult } from './guarded-post.ts';
import { signedRequest } from './signed-request.ts';

/**
 * Events -> customers' endpoints: claim, sign, post, record. At least once: a try whose answer was lost is repeated,
 * with the same `webhook-id`, so that the receiver can drop it. https://www.standardwebhooks.com
 */
export interface EmitOptions {
  sql: Sql;
  ring: KeyRing;
  http: GuardedPost;
  onTried?(result: 'delivered' | 'failed' | 'retried'): void;
  /** An endpoint accepted an event this many seconds after it was created. */
  onDelivered?(seconds: number): void;
  /** Reports the groups of one shared statement. */
  groupsOf?(statement: string): OnGroup;
  /**
   * PostgreSQL away (the row holds what is left to do, when it is back), or what ended a delivery that can never
   * succeed.
   */
  onError(error: unknown): void;
  random?(): number;
}

/** Longer than a try may take. */
const LEASE_MS = 30_000;

/** @returns a function that sends an endpoint everything that is due for it. */
export function createEmit({
  sql,
  ring,
  http,
  onTried,
  onDelivered,
  groupsOf,
  onError,
  random = Math.random,
}: EmitOptions): Dispatch {
  const claim = groupStatements(
    (claims: EndpointClaim[]) => claimEventDeliveries(sql, claims, LEASE_MS, isTraced()),
    {
      maxGroup: 250,
      maxInFlight: 1,
      onGroup: groupsOf?.('event_claims'),
    },
  );
  const record = groupStatements(
    async (ends: TryEnd[]) => {
      await recordEventTries(sql, ends, DISABLE_AFTER_MS);
      return ends.map(() => undefined);
    },
    { maxGroup: 250, maxInFlight: 1, onGroup: groupsOf?.('event_tries') },
  );

  /** A record that fails every time ends the delivery, visibly. */
  const recorded = async (end: TryEnd): Promise<boolean> => {
    try {
      await record(end);
      return true;
    } catch (error) {
      if (!isMembersFault(error)) throw error;
      onError(error);
      await failEventDelivery(sql, end, unstorableReason('this delivery', error));
      return false;
    }
  };

  /** A defect in Carillon that one event hits is a failed try, so that it ends with the schedule. */
  const post = async (
    claimed: ClaimedDelivery,
    span: Span | null,
  ): Promise<{ result: PostResult; called: boolean }> => {
    try {
      const request = signedRequest(claimed, ring);
      if ('error' in request) return { result: request, called: false };
      const { headers, body } = request;
      const result = await inPostSpan(span, claimed.url, (traced) =>
        http.post(claimed.url, { ...headers, ...traced }, body),
      );
      return { result, called: true };
    } catch (error) {
      onError(error);
      const name = error instanceof Error ? error.name : typeof error;
      return { result: { error: `the request could not be made (${name})` }, called: false };
    }
  };

  const call = async (claimed: ClaimedDelivery): Promise<Called> => {
    const startedAt = performance.now();
    const span = startEventSpan(claimed);
    const { result, called } = await post(claimed, span);
    if (span) endEvent(span, result);
    const tookMs = performance.now() - startedAt;
    const end = endOf(claimed, result, Math.round(tookMs), random());
    const retryInMs = (await recorded(end)) ? end.retryInMs : null;
    if (end.delivered) onDelivered?.(Math.max(0, Date.now() - claimed.createdAt.getTime()) / 1000);
    onTried?.(end.delivered ? 'delivered' : retryInMs === null ? 'failed' : 'retried');
    return { tookMs: called ? tookMs : null, retryInMs };
  };
  return createDispatch({ claim, call, onError });
}

/**
 * Pure: what an answer means. Only 2xx is a delivery; a redirect is none. The next try comes by the schedule, or later
 * where the answer's `Retry-After` asks for that: at most a day. Exported for its tests.
 *
 * @param now milliseconds since the epoch, against which an HTTP date is read.
 */
export function endOf(
  { eventId, endpointId, tries }: Pick<ClaimedDelivery, 'eventId' | 'endpointId' | 'tries'>,
  result: PostResult,
  latencyMs: number,
  random: number,
  now: number = Date.now(),
): TryEnd {
  const base = { eventId, endpointId, tries, latencyMs, blameless: false };
  if ('error' in result)
    return {
      ...base,
      status: null,
      error: result.error,
      blameless: result.unresolved === true,
      retryInMs: nextTryMs(tries, random),
      delivered: false,
      gone: false,
    };
  const { status, retryAfter } = result;
  if (status >= 200 && status < 300)
    return { ...base, status, error: null, retryInMs: null, delivered: true, gone: false };
  const gone = status === 410;
  const next = nextTryMs(tries, random);
  const error =
    status >= 300 && status < 400 ? `answered ${status}: redirects are not followed` : `answered ${status}`;
  return {
    ...base,
    status,
    error,
    retryInMs: gone || next === null ? null : Math.max(next, retryAfterMs(retryAfter, now) ?? 0),
    delivered: false,
    gone,
  };
}
