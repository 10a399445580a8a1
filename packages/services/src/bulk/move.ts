import { RESCHEDULABLE, RETRYABLE } from '@carillon/core/notification/by-request';
import { HORIZON_MS } from '@carillon/core/notification/horizon';
import type { BulkRow } from '@carillon/db/bulk/read-bulk-actions';
import type { BulkResult } from '@carillon/db/bulk/run-bulk-action';
import { cancelWithin, type Move, rescheduleWithin } from '@carillon/db/notifications/reschedule';
import { type Retry, retryWithin } from '@carillon/db/notifications/retry-notification';
import type { TransactionSql } from 'postgres';

/** Why a bulk action leaves a notification as it is, with what a person reads. */
export const SKIP_REASONS = {
  not_found: 'It was removed since.',
  wrong_state: 'Its state does not allow it: it is being sent, or it ended as intended.',
  expired: 'It has expired, or would before the new time.',
  may_have_arrived: 'It may have arrived already. With accept_duplicate_risk it is sent again all the same.',
  campaign_cancelled: 'Its campaign was cancelled.',
  texts_removed: 'It is of a secret category, and its texts were removed.',
} as const;

export type SkipReason = keyof typeof SKIP_REASONS;

/** Does the verb of a bulk action to one notification, within a transaction, by the same rules as a single request. */
export async function moveInBulk(tx: TransactionSql, action: BulkRow, id: string): Promise<BulkResult> {
  const { appId, environment, actor } = action;
  const order = { tenant: { appId, environment }, id, actor, bulkId: action.id };
  switch (action.action) {
    case 'cancel':
      return resultOf(await cancelWithin(tx, order), []);
    case 'reschedule':
      return resultOf(await rescheduleWithin(tx, order, action.sendAt!, HORIZON_MS), RESCHEDULABLE);
    case 'retry':
      return resultOf(await retryWithin(tx, order, action.acceptDuplicateRisk), RETRYABLE);
  }
}

/** @param allowed states that refuse only for the sake of time. */
function resultOf(move: Move | Retry, allowed: readonly string[]): BulkResult {
  const skipped = (reason: SkipReason): BulkResult => ({ skipped: reason });
  switch (move.outcome) {
    case 'moved':
      return { moved: move.moved };
    case 'not_found':
      return skipped('not_found');
    case 'doubtful':
      return skipped('may_have_arrived');
    case 'origin_cancelled':
      return skipped('campaign_cancelled');
    case 'redacted':
      return skipped('texts_removed');
    case 'refused':
      return skipped(allowed.includes(move.state) ? 'expired' : 'wrong_state');
  }
}
