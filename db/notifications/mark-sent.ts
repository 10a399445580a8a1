import { SETTLEABLE } from '@carillon/core/notification/by-request';
import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { countMove } from '../origins/count-changes.ts';
import { writeHistory } from './history.ts';
import { lockNotification, type Move, type MovedRow, refused } from './reschedule.ts';

/** What the person supplies. */
export interface Knowledge {
  /** The provider's id, looked up in its console: later receipts find the notification by it. */
  providerMessageId?: string | undefined;
  /**
   * The source of that knowledge. Shown in the timeline and kept out of the audit log, which is permanent and must not
   * hold what may be personal.
   */
  note?: string | undefined;
}

/** `taken`: the id belongs to another notification. Receipts for that one must not be able to move this one. */
export type Settlement =
  | Exclude<Move, { outcome: 'moved' }>
  | (Extract<Move, { outcome: 'moved' }> & { provider: string | null })
  | { outcome: 'taken' };

/**
 * A person settles a doubt: the provider has it. The attempt stays in doubt, because it never got an answer; what moved
 * the notification is a decision, and the timeline shows it as one.
 *
 * @param actor `key:<key id>` or `staff:<e-mail>`.
 */
export async function markSent(
  sql: Sql,
  tenant: Tenant,
  id: string,
  { providerMessageId, note }: Knowledge,
  actor: string,
): Promise<Settlement> {
  return sql.begin(async (tx): Promise<Settlement> => {
    const known = providerMessageId ?? null;
    const taken = known !== null && (await isTaken(tx, id, known));
    const before = await lockNotification(tx, tenant, id);
    if (!before) return { outcome: 'not_found' };
    if (!SETTLEABLE.includes(before.state)) return refused(before);
    if (taken) return { outcome: 'taken' };

    const [moved] = await tx<(MovedRow & { attempt: number; provider: string | null })[]>`
      update notifications
      set state = 'sent', next_attempt_at = null, tried = null, error_code = null, error = null, updated_at = now(),
          -- Of the doubtful call or of none: an earlier attempt's id may still stand there.
          provider_message_id = coalesce((
            select a.provider_message_id from delivery_attempts a
            where a.notification_id = notifications.id and a.n = notifications.attempt_count
          ), ${known})
      where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
        and state = any (${SETTLEABLE as string[]})
      returning id, state, channel, priority, send_at as "sendAt", updated_at as "updatedAt", attempt_count as attempt,
        provider`;
    if (!moved) return refused(before);
    await countMove(tx, { ...before, was: before.state, state: moved.state });
    if (known !== null) {
      // Receipts that carry only the provider's id look it up among the attempts.
      await tx`
        update delivery_attempts set provider_message_id = ${known}
        where notification_id = ${id}::uuid and n = ${moved.attempt} and outcome = 'in_doubt'
          and provider_message_id is null`;
    }
    const detail = { from: before.state, ...(known === null ? {} : { provider_message_id: known }) };
    const reason = note === undefined ? 'marked as sent by hand' : `marked as sent by hand: ${note}`;
    await writeHistory(tx, { notificationId: id, state: 'sent', actor, reason, detail });
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'notification.mark_sent',
      subject: `notification:${id}`,
      detail,
    });
    return { outcome: 'moved', from: before.state, moved, provider: moved.provider };
  });
}

/**
 * Takes the lock that the resolver takes for the message it finds, and like it before the row's own: two doubts with
 * the same text to the same person could be given the same message.
 */
async function isTaken(tx: TransactionSql, id: string, providerMessageId: string): Promise<boolean> {
  const [own] = await tx<{ provider: string }[]>`
    select a.provider from notifications n
    join delivery_attempts a on a.notification_id = n.id and a.n = n.attempt_count
    where n.id = ${id}::uuid`;
  if (!own) return false;
  await tx`select pg_advisory_xact_lock(hashtextextended(${`message:${own.provider}:${providerMessageId}`}, 0))`;
  const others = await tx`
    select 1 from delivery_attempts
    where provider_message_id = ${providerMessageId} and provider = ${own.provider} and notification_id <> ${id}::uuid
    limit 1`;
  return others.length > 0;
}
