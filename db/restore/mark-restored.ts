import { RESTORED, RESTORED_REASON } from '@carillon/core/notification/restore';
import type { TransactionSql } from 'postgres';

/** What a restore makes of the notifications that were not final. */
export interface Marked {
  /** In doubt now: they may have been sent since the backup. */
  suspects: number;
  /** As they were: due after the restore, expired before the backup, or in the inbox, which was restored as well. */
  untouched: number;
}

/**
 * Marks the database as restored, in one transaction while no program is connected: every notification that was not
 * final and could have been sent between the backup and now becomes a doubt whose call began with the backup and ended
 * now. Its attempt has the number, and so the provider's idempotency key, that the unknown call had. Which account was
 * called is found out by the resolver (an empty name until then). Lanes are rebuilt, because their epoch is another
 * one; nobody stays logged in.
 *
 * @param to the moment whose data was restored, not after now; a string is RFC 3339, to the microsecond.
 */
export async function markRestored(tx: TransactionSql, to: Date | string): Promise<Marked> {
  const [counts] = await tx<[{ suspects: number }]>`
    with suspects as materialized (
      select id, state from notifications
      where channel <> 'in_app' and (expires_at is null or expires_at > ${to}::timestamptz)
        and (
          state in ('pending', 'queued', 'retrying', 'sending', 'in_doubt')
          or (state = 'scheduled' and next_attempt_at <= now())
        )
      for update
    ), moved as (
      update notifications n
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(),
          attempt_count = n.attempt_count + case when s.state in ('sending', 'in_doubt') then 0 else 1 end,
          tries = n.tries + case when s.state in ('sending', 'in_doubt') then 0 else 1 end,
          -- A doubt that waited for a person waits on; whole milliseconds, as in take-doubts.
          next_attempt_at = case
            when s.state <> 'in_doubt' or n.next_attempt_at is not null then date_trunc('milliseconds', now())
          end,
          error_code = case when s.state = 'in_doubt' then n.error_code else ${RESTORED} end,
          error = case when s.state = 'in_doubt' then n.error else ${RESTORED_REASON} end
      from suspects s where n.id = s.id
      returning n.id, n.attempt_count as n, n.channel, n.provider, s.state as was
    ), opened as (
      insert into delivery_attempts (notification_id, n, phase, channel, provider, started_at, finished_at, outcome, error_code, error)
      select id, n, 'written', channel, '', least(${to}::timestamptz, now()), now(), 'in_doubt', ${RESTORED}, ${RESTORED_REASON}
      from moved where was not in ('sending', 'in_doubt')
    ), closed as (
      update delivery_attempts a
      set finished_at = now(), outcome = 'in_doubt', phase = 'written', error_code = ${RESTORED}, error = ${RESTORED_REASON}
      from moved m
      where a.notification_id = m.id and a.n = m.n and m.was = 'sending' and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'restore', ${RESTORED_REASON},
        json_build_object('code', ${RESTORED}::text, 'attempt', n, 'was', was, 'restored_to', ${to}::timestamptz,
          'provider', case when was in ('sending', 'in_doubt') then provider end)
      from moved
    )
    select count(*)::int as suspects from moved`;
  const [{ untouched }] = await tx<[{ untouched: number }]>`
    select count(*)::int as untouched from notifications
    where state in ('scheduled', 'pending', 'queued', 'retrying', 'sending')`;
  // Nothing is left to publish for those that are in doubt.
  await tx`
    delete from outbox o
    where o.kind <> 'event.emitted' and not exists (
      select from unnest(o.ids) as i (id) join notifications n on n.id = i.id
      where n.state in ('scheduled', 'pending', 'queued', 'retrying')
    )`;
  // Another epoch than the one in Redis: the lanes are rebuilt from here, whatever Redis holds.
  await tx`update redis_epoch set epoch = ${RESTORED}, changed_at = now(), rebuild_from = null`;
  await tx`delete from staff_sessions`;
  await tx`delete from staff_logins`;
  await tx`delete from staff_tokens`;
  await tx`
    update installation
    set restored_to = least(${to}::timestamptz, now()), restored_at = now(), reviewed_at = null, released_at = null, released_by = null,
        suspects = ${counts.suspects}, untouched = ${untouched}`;
  return { suspects: counts.suspects, untouched };
}
