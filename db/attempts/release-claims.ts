import type { Release } from '@carillon/core/notification/attempt-end';
import type { Sql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import { countEnded } from '../origins/count-changes.ts';
import { withOrigins } from './record-outcomes.ts';

/**
 * Gives claims back, unsent. Waiting for a limit or an outage costs no attempt. Waiting again for the same reason adds
 * nothing to the timeline: a campaign behind a tight limit would write thousands of rows. A group with notifications of
 * an origin also counts those that ended. Returns the ids that moved.
 */
export async function releaseClaims(sql: Sql, releases: readonly Release[]): Promise<Set<string>> {
  const counts = releases.some(({ ofOrigin }) => ofOrigin);
  const rows = await sql<{ id: string }[]>`
    with releases as materialized (
      select * from json_to_recordset(${storableJson(releases)}::text::json) as r (
        id uuid, n smallint, "leaseToken" uuid, state text, reason text, "dueInMs" int, "nextChannel" text, "nextLane" text
      )
    ), moved as (
      update notifications n
      set state = r.state, lease_token = null, lease_until = null, updated_at = now(),
          attempt_count = n.attempt_count - 1,
          -- Another channel is another cycle; a wait is none, and keeps who was tried.
          tries = case when r."nextChannel" is null then n.tries - 1 else 0 end,
          tried = case when r."nextChannel" is null then n.tried end,
          -- The promoter takes scheduled rows that were not released yet.
          queued_at = case when r.state = 'scheduled' then null else n.queued_at end,
          channel = coalesce(r."nextChannel", n.channel),
          next_attempt_at = now() + r."dueInMs" * interval '1 millisecond'
      from releases r
      where n.id = r.id and n.lease_token = r."leaseToken"
      returning r.*
    ), unsent as (
      delete from delivery_attempts a using moved m
      where a.notification_id = m.id and a.n = m.n and a.outcome is null
    ), onward as (
      insert into outbox (lane, ids) select "nextLane", array[id] from moved where "nextLane" is not null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select m.id, m.state, 'deliver', m.reason
      from moved m
      left join lateral (
        select state, reason from notification_history where notification_id = m.id order by id desc limit 1
      ) last on true
      where (last.state, last.reason) is distinct from (m.state, m.reason)
    )${counts ? sql`, ${countEnded(sql, withOrigins(sql))}` : sql``}
    select id from moved
  `;
  return new Set(rows.map((row) => row.id));
}
