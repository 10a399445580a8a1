import type { Sql } from 'postgres';

/**
 * The rule behind ordering keys, in SQL: of a queue (app, environment, key) only the oldest open notification may be
 * claimed. Written once, because the statements that claim, park and release the next must agree.
 */

/**
 * `ahead` (a notification) holds up those behind it: it is not final yet and will move automatically. Planned ones join
 * their queue when they come due; a doubt that waits for a person has left it, because that wait has no bound. The 250
 * ms are those of the claim: two that come due at the same moment keep their order.
 */
export const openInLine = (sql: Sql) => sql`(
  ahead.state in ('pending', 'queued', 'sending', 'retrying')
  or (ahead.state = 'scheduled' and ahead.next_attempt_at <= now() + interval '250 ms')
  or (ahead.state = 'in_doubt' and ahead.next_attempt_at is not null)
)`;

/**
 * An older one of the same key is open, so `notifications` (the row of the statement around it) must wait. One without
 * a place in a queue (no key; retried by hand after it had left) never waits.
 *
 * The place comes from a subquery and not from a join: an EXISTS tied to its row by equality alone could be planned as
 * a hash over every existing queue.
 */
export const blockedInLine = (sql: Sql) => sql`exists (
  select from notification_order line
  join notifications ahead on ahead.id = line.notification_id
  where line.app_id = notifications.app_id and line.environment = notifications.environment
    and line.ordering_key = notifications.ordering_key
    and line.seq < (select own.seq from notification_order own where own.notification_id = notifications.id)
    and ${openInLine(sql)}
)`;

/**
 * `notifications` came before its turn and was put back: no job, no outbox row; advancing the queue announces it. A
 * fresh one has no `queued_at` either, but has not been touched since it was accepted.
 */
export const parkedInLine = (sql: Sql) => sql`(
  notifications.state = 'pending' and notifications.ordering_key is not null
  and notifications.queued_at is null and notifications.updated_at <> notifications.created_at
)`;
