import type { Lane } from '@carillon/core/notification/lane';
import type { Sql, TransactionSql } from 'postgres';
import type { OUTBOX_KINDS } from '../schema/outbox.ts';
import { OUTBOX_VERSION } from './measure-outbox.ts';

export interface OutboxRow {
  lane: Lane;
  kind: (typeof OUTBOX_KINDS)[number];
  ids: string[];
  available_at: Date | null;
  trace_context: { traceparents: string[] } | null;
  /** PostgreSQL's time when it was taken. */
  now: Date;
}

/**
 * Whether `takeOutbox` would find anything: a look without a transaction, for callers that look often and find nothing.
 */
export async function hasDue(sql: Sql, lanes: readonly Lane[], lookaheadMs: number): Promise<boolean> {
  const [row] = await sql<[{ due: boolean }]>`
    select exists (
      select from outbox
      where lane = any (${lanes as string[]}::text[])
        and coalesce(available_at, created_at) <= now() + ${lookaheadMs} * interval '1 millisecond'
        and version <= ${OUTBOX_VERSION}
    ) as due`;
  return row.due;
}

/**
 * Takes the oldest due rows of each lane out of the outbox and marks their notifications queued. Must run in a
 * transaction that commits only after the jobs are in Redis: a crash in between leaves the rows where they were, and
 * the repeated publish is harmless (same job ids; the claim decides).
 *
 * @param lookaheadMs rows that come due within this time are taken too (as delayed jobs).
 * @param limit rows per lane.
 * @param byApp the apps with rows take turns: each gets an equal share of `limit`. A statement of its own, because it
 *   looks at each app in turn.
 * @param passLocked leaves locked notifications unmarked, instead of waiting for them: a claim takes them all the same.
 *   For the turn after one that waited in vain; the marking alone costs less.
 */
export async function takeOutbox(
  tx: TransactionSql,
  lanes: readonly Lane[],
  lookaheadMs: number,
  limit: number,
  { passLocked = false, byApp = false } = {},
): Promise<OutboxRow[]> {
  const taken = tx`array(select unnest(ids) from taken)`;
  const ids = passLocked
    ? tx`array(select id from notifications where id = any (${taken}) for no key update skip locked)`
    : taken;
  return tx<OutboxRow[]>`
    with due as materialized (
      select o.id
      from unnest(${lanes as string[]}::text[]) as l (lane)${byApp ? turns(tx, limit) : tx``}
      cross join lateral (
        select id from outbox
        where lane = l.lane${byApp ? tx` and app_id = turn.app_id` : tx``}
          and coalesce(available_at, created_at) <= now() + ${lookaheadMs} * interval '1 millisecond'
          and version <= ${OUTBOX_VERSION}
        order by coalesce(available_at, created_at)
        limit ${byApp ? tx`turn.share` : limit}
        for update skip locked
      ) o
    ), taken as (
      delete from outbox o using due where o.id = due.id
      returning o.id, o.lane, o.kind, o.ids, o.available_at, o.trace_context
    ), queued as (
      update notifications
      set state = case state when 'pending' then 'queued' else state end, queued_at = now(), updated_at = now()
      where id = any (${ids}) and state in ('pending', 'scheduled', 'retrying')
    )
    select lane, kind, ids, available_at, trace_context, now() as now from taken order by id
  `;
}

/**
 * The apps with rows in lane `l`, and how many rows each may have now. A loose index scan: one look-up for each app,
 * however many rows it has.
 */
const turns = (tx: TransactionSql, limit: number) => tx`
      cross join lateral (
        with recursive apps (app_id) as (
          (select app_id from outbox where lane = l.lane order by app_id limit 1)
          union all
          select (select o.app_id from outbox o where o.lane = l.lane and o.app_id > a.app_id order by o.app_id limit 1)
          from apps a where a.app_id is not null
        )
        select app_id, greatest(1, ${limit} / count(*) over ()) as share from apps where app_id is not null
      ) turn`;
