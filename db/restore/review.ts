import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import { RESTORED } from '@carillon/core/notification/restore';
import type { Sql } from 'postgres';

/** What has become of the notifications that a restore put in doubt. */
export const FATES = [
  /** The same call was made under the same key: the provider has it once, from before or from now. */
  'settled_by_key',
  /** The provider was asked and has it: not sent again. */
  'settled_by_look_up',
  /** A receipt says that the provider has it: not sent again. */
  'settled_by_receipt',
  /** The provider certainly does not have it: sent now, or about to be. */
  'sent_now',
  /** A person has marked it as sent, or has it sent again. */
  'settled_by_person',
  /** It has expired, was cancelled, or ended without being sent. */
  'ended',
  /** In doubt: evidence is looked for. */
  'being_settled',
  /** In doubt: nothing proves anything, a person decides. */
  'waits_for_person',
] as const;
export type Fate = (typeof FATES)[number];

export interface ReviewRow {
  /** `known`: the backup had it. `repeated`: requested since the restore, perhaps a repeat of a request that was lost. */
  kind: 'known' | 'repeated';
  fate: Fate;
  count: number;
}

/** Counts them by what has become of them. Reads the journal since the restore. */
export async function countFates(sql: Sql, restoredAt: Date): Promise<ReviewRow[]> {
  return sql<ReviewRow[]>`
    with suspects as (
      select notification_id as id, max(id) as since from notification_history
      where at >= ${restoredAt} and detail ->> 'code' = ${RESTORED}
      group by notification_id
    ), judged as (
      select case when n.created_at < ${restoredAt} then 'known' else 'repeated' end as kind,
        case
          when n.state = 'in_doubt' and n.next_attempt_at is null then 'waits_for_person'
          when n.state = 'in_doubt' then 'being_settled'
          when h.by_person then 'settled_by_person'
          when n.state in ('expired', 'cancelled', 'suppressed', 'skipped', 'dead') then 'ended'
          when h.how in ('absent', 'refused', 'replaced', 'policy') then 'sent_now'
          when h.evidence like 'a receipt of %' then 'settled_by_receipt'
          when h.how = 'found' then 'settled_by_look_up'
          when h.how = 'repeated' then 'settled_by_key'
          when n.state in ('sent', 'delivered', 'failed') then 'settled_by_receipt'
          else 'being_settled'
        end as fate
      from suspects s
      join notifications n on n.id = s.id
      cross join lateral (
        select (array_agg(detail ->> 'how' order by id desc) filter (where actor = 'resolver' and detail ? 'how'))[1] as how,
          (array_agg(detail ->> 'evidence' order by id desc) filter (where actor = 'resolver' and detail ? 'how'))[1] as evidence,
          coalesce(bool_or(actor ~ '^(key:|staff:|carillon-admin)'), false) as by_person
        from notification_history where notification_id = s.id and id > s.since
      ) h
    )
    select kind, fate, count(*)::int as count from judged group by kind, fate order by kind, fate`;
}

/** Bulk notifications that wait in the outbox. */
export async function countHeldBack(sql: Sql): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select coalesce(sum(cardinality(ids)), 0)::int as count from outbox where lane like '%-bulk'`;
  return row.count;
}

export interface RestoredDoubt {
  id: string;
  appId: string;
  environment: Environment;
}

/**
 * Doubts of the restore that wait for a person, in the order of their ids.
 *
 * @param after the last id of the page before.
 */
export async function listRestoredDoubts(
  sql: Sql,
  {
    restoredAt,
    priority,
    channel,
    after,
  }: {
    restoredAt: Date;
    priority: Priority | null;
    channel: Channel | null;
    after: string | null;
  },
  limit: number,
): Promise<RestoredDoubt[]> {
  return sql<RestoredDoubt[]>`
    select n.id, n.app_id as "appId", n.environment from notifications n
    where n.rare_state = 'in_doubt' and n.next_attempt_at is null
      and (${priority}::text is null or n.priority = ${priority})
      and (${channel}::text is null or n.channel = ${channel})
      and (${after}::uuid is null or n.id > ${after}::uuid)
      and exists (
        select from notification_history h
        where h.notification_id = n.id and h.at >= ${restoredAt} and h.detail ->> 'code' = ${RESTORED}
      )
    order by n.id limit ${limit}`;
}

/** The newest moment that the database has a record of; null if it has none. */
export async function newestRecord(sql: Sql): Promise<Date | null> {
  const [row] = await sql<[{ at: Date | null }]>`
    select greatest(max(created_at), max(updated_at)) as at from notifications`;
  return row.at;
}
