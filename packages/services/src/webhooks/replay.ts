import { ProblemError } from '@carillon/core/text/problem';
import type { EndpointRow } from '@carillon/db/webhooks/endpoints';
import { MAX_REPLAYED, replayLatest, replayEvents as replayRange } from '@carillon/db/webhooks/events';
import type { ActorContext } from '../context.ts';
import { type EndpointInput, getWebhookEndpoint } from './endpoint.ts';

/** The maximum number of events of one replay. */
export { MAX_REPLAYED };

/** The events of a range, `to` exclusive, or of this many milliseconds until now by PostgreSQL's clock. */
export type Replayed = { from: Date; to: Date; eventTypes: readonly string[] } | { latestMs: number };

/**
 * Sends the events of a time range to an endpoint again, regardless of earlier outcomes; at most MAX_REPLAYED, oldest
 * first.
 *
 * @returns the number of events.
 * @throws ProblemError 404, 409 for an endpoint that is disabled.
 */
export async function replayEvents(
  ctx: ActorContext,
  { tenant, id, events }: EndpointInput & { events: Replayed },
): Promise<number> {
  const { db, actor } = ctx;
  const endpoint = await getWebhookEndpoint(ctx, { tenant, id });
  if (endpoint.disabledAt !== null) throw isDisabled(endpoint);
  return 'latestMs' in events
    ? replayLatest(db, tenant, id, events.latestMs, MAX_REPLAYED, actor)
    : replayRange(db, tenant, id, events, MAX_REPLAYED, actor);
}

/**
 * Events that come due for a disabled endpoint are dropped: a 202 would promise a delivery that never happens. Enabling
 * it resets the start of its failure, so the refusal names the time to replay from.
 */
function isDisabled({ id, disabledAt, disabledReason, failingSince }: EndpointRow): ProblemError {
  const from = (failingSince ?? disabledAt!).toISOString();
  return new ProblemError(
    'invalid_state',
    `The webhook endpoint ${id} is disabled (${disabledReason ?? 'no reason given'}), so nothing is sent to it. PATCH it with {"enabled": true}, then replay; what it missed begins at ${from}.`,
  );
}
