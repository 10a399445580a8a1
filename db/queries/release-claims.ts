import type { State } from '@carillon/core/states';
import type { Sql } from 'postgres';

/** A claim that ended without a call: its attempt row goes, its number and its try are given back. */
export interface Release {
  id: string;
  n: number;
  leaseToken: string;
  state: Extract<State, 'retrying' | 'expired' | 'scheduled' | 'suppressed' | 'skipped'>;
  reason: string;
  /** For `retrying` and `scheduled`: milliseconds from now. */
  dueInMs: number | null;
}

/** Gives claims back, unsent. Waiting for a limit or an outage costs no attempt. Returns the ids that moved. */
export async function releaseClaims(sql: Sql, releases: readonly Release[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    with releases as materialized (
      select * from json_to_recordset(${JSON.stringify(releases)}::text::json) as r (
        id uuid, n smallint, "leaseToken" uuid, state text, reason text, "dueInMs" int
      )
    ), moved as (
      update notifications n
      set state = r.state, lease_token = null, lease_until = null, updated_at = now(),
          attempt_count = n.attempt_count - 1, tries = n.tries - 1,
          -- The promoter takes scheduled rows that were not released yet.
          queued_at = case when r.state = 'scheduled' then null else n.queued_at end,
          next_attempt_at = now() + r."dueInMs" * interval '1 millisecond'
      from releases r
      where n.id = r.id and n.lease_token = r."leaseToken"
      returning r.*
    ), unsent as (
      delete from delivery_attempts a using moved m
      where a.notification_id = m.id and a.n = m.n and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason)
      select id, state, 'deliver', reason from moved
    )
    select id from moved
  `;
  return new Set(rows.map((row) => row.id));
}
