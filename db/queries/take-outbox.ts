import type { Lane } from '@carillon/core/lane';
import type { Sql, TransactionSql } from 'postgres';
import type { OUTBOX_KINDS } from '../schema/outbox.ts';

export interface OutboxRow {
  lane: Lane;
  kind: (typeof OUTBOX_KINDS)[number];
  ids: string[];
  available_at: Date | null;
}

/** The newest outbox row this code understands; newer ones wait for newer relays. */
export const OUTBOX_VERSION = 1;

/** Whether `takeOutbox` would find anything: a look without a transaction, for whoever looks often and finds nothing. */
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
 * transaction that commits only after the jobs are in Redis: a crash between leaves the rows where they were, and the
 * repeated publish is harmless (same job ids; the claim decides).
 *
 * @param lookaheadMs rows that come due within this time are taken too (as delayed jobs).
 * @param limit rows per lane.
 */
export async function takeOutbox(
  tx: TransactionSql,
  lanes: readonly Lane[],
  lookaheadMs: number,
  limit: number,
): Promise<OutboxRow[]> {
  return tx<OutboxRow[]>`
    with due as materialized (
      select o.id
      from unnest(${lanes as string[]}::text[]) as l (lane)
      cross join lateral (
        select id from outbox
        where lane = l.lane
          and coalesce(available_at, created_at) <= now() + ${lookaheadMs} * interval '1 millisecond'
          and version <= ${OUTBOX_VERSION}
        order by coalesce(available_at, created_at)
        limit ${limit}
        for update skip locked
      ) o
    ), taken as (
      delete from outbox o using due where o.id = due.id
      returning o.id, o.lane, o.kind, o.ids, o.available_at
    ), queued as (
      update notifications
      set state = case state when 'pending' then 'queued' else state end, queued_at = now(), updated_at = now()
      where id = any (array(select unnest(ids) from taken)) and state in ('pending', 'scheduled', 'retrying')
    )
    select lane, kind, ids, available_at from taken order by id
  `;
}
