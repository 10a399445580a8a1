import { requestHash } from '@carillon/core/notification/request-hash';
import { ProblemError } from '@carillon/core/text/problem';
import {
  type BulkOrder,
  type BulkRow,
  bulkMoment,
  countRunningBulkActions,
  findBulkActionByKey,
} from '@carillon/db/bulk/read-bulk-actions';
import { addBulkAction } from '@carillon/db/bulk/write-bulk-actions';
import type { Tenant } from '@carillon/db/connection/tenant';
import { countNotifications } from '@carillon/db/notifications/find-notifications';
import type { ActorContext } from '../context.ts';
import { type FilterQuery, filterOf } from '../notifications/filter.ts';

/** Actions of one app and environment that may run at a time. */
export const MOST_RUNNING = 5;
/** Counting ends after this, so that the request is answered in time. */
const COUNT_MS = 2_000;
/** Behind every id, as the end of a moment. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export interface StartBulkInput {
  tenant: Tenant;
  order: Omit<BulkOrder, 'filter'> & { filter: FilterQuery };
  idempotencyKey: string | null;
}

/**
 * Starts a bulk action on what matches the filter now; a worker carries it out. A dry run only counts.
 *
 * @returns `replayed` if an equal request with this idempotency key started it before.
 * @throws ProblemError 409 for another request with this key, and while MOST_RUNNING actions run.
 */
export async function startBulkAction(
  { db, actor }: ActorContext,
  { tenant, order, idempotencyKey }: StartBulkInput,
): Promise<{ action: BulkRow; replayed: boolean }> {
  const hash = requestHash({ ...order, sendAt: order.sendAt?.toISOString() });
  const earlier = async () => {
    const found = idempotencyKey === null ? null : await findBulkActionByKey(db, tenant, idempotencyKey);
    if (found && !hash.equals(found.requestHash)) throw otherRequest(idempotencyKey!, found.id);
    return found && { action: found, replayed: true };
  };
  const replay = await earlier();
  if (replay) return replay;
  if (!order.dryRun && (await countRunningBulkActions(db, tenant)) >= MOST_RUNNING) throw tooMany();

  const countedAt = await bulkMoment(db);
  const filter = { ...filterOf(order.filter), before: { createdAt: countedAt, id: LAST_ID } };
  const { count, isComplete } = await countNotifications(db, tenant, filter, COUNT_MS);
  const action = await addBulkAction(db, tenant, {
    ...order,
    filter: definedOnly(order.filter),
    idempotencyKey,
    requestHash: hash,
    matched: count,
    matchedCompletely: isComplete,
    actor,
    countedAt,
  });
  // The same request came twice at once.
  return action ? { action, replayed: false } : (await earlier())!;
}

const definedOnly = (filter: FilterQuery): Record<string, string> =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));

function otherRequest(key: string, id: string): ProblemError {
  return new ProblemError(
    'idempotency_conflict',
    `The idempotency key ${JSON.stringify(key)} started the bulk action ${id} with another request. Use another key for another action.`,
  );
}

function tooMany(): ProblemError {
  return new ProblemError(
    'invalid_state',
    `${MOST_RUNNING} bulk actions of this app and environment are running, as many as may. Wait for one to end, or stop one: POST /v1/bulk/{id}/stop.`,
  );
}
