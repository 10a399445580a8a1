import type { Priority } from '@carillon/core/notification/priority';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** Notifications woken by one statement at most. */
const AT_ONCE = 500;

/**
 * Makes notifications held for a person's quiet hours due now: the claim uses the current preference, and holds until
 * the new end those that still have to wait. Held means `scheduled` for another time than the one it was accepted for;
 * a notification with a future `send_at` is left alone.
 *
 * @returns the priorities whose relays have something to do.
 */
export async function wakeHeld(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
): Promise<Priority[]> {
  const priorities = new Set<Priority>();
  for (;;) {
    const woken = await sql<{ priority: Priority; count: number }[]>`
      with held as materialized (
        select id, channel, priority from notifications
        where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}
          and state = 'scheduled' and next_attempt_at > now() and next_attempt_at is distinct from send_at
        order by created_at
        limit ${AT_ONCE}
        -- What is being claimed this moment looks at the wish by itself.
        for update skip locked
      ), woken as (
        update notifications n set next_attempt_at = now(), queued_at = now(), updated_at = now()
        from held where n.id = held.id
      ), numbered as (
        select id, channel, priority, (row_number() over (partition by channel, priority order by id) - 1) / 100 as slice
        from held
      ), announced as (
        -- An old job of theirs may lie in the lane.
        insert into outbox (kind, lane, ids)
        select 'delivery.resumed', channel || '-' || priority, array_agg(id) from numbered group by channel, priority, slice
      )
      select priority, count(*)::int as count from held group by priority`;
    for (const { priority } of woken) priorities.add(priority);
    if (woken.reduce((sum, { count }) => sum + count, 0) < AT_ONCE) return [...priorities];
  }
}
