import type { Lane } from '@carillon/core/lane';
import type { Sql } from 'postgres';
import { isNeglected, itsLaneFront, laneFrontsOf } from './neglected.ts';

/** Notifications that nobody moves any more although somebody should. All of these must be 0. */
export const UNACCOUNTED_KINDS = [
  /** Announced by no outbox row and parked behind no ordering key. */
  'pending',
  /** Its lane hands out what was queued well after it, or is empty. */
  'queued',
  /** Its lease is over, and nobody has called it a doubt. */
  'sending',
  /** Sent or delivered without an attempt that was accepted, or may have been. */
  'unattempted',
  /** Scheduled or retrying, due for long, in a lane that has come past that time. */
  'overdue',
  /** In doubt, and the resolver does not come although its look is due. */
  'in_doubt',
] as const;
export type UnaccountedKind = (typeof UNACCOUNTED_KINDS)[number];

export interface Unaccounted {
  kind: UnaccountedKind;
  count: number;
  /** A few of them. */
  examples: string[];
}

export interface UnaccountedIn {
  /** Created in [from, to). */
  from: Date;
  to: Date;
  /** Of each lane, what was queued before its moment can have no job any more. */
  lanes: readonly { lane: Lane; queuedBefore: Date }[];
  /** How long a repair may take before something counts. */
  graceMs: number;
  /** Whether what was sent is held against its attempts: a look-up per row. */
  thorough: boolean;
}

/**
 * Counts what is unaccounted for among the notifications of a window of creation time, read once. Kinds without any are
 * left out.
 */
export async function countUnaccounted(
  sql: Sql,
  { from, to, lanes, graceMs, thorough }: UnaccountedIn,
): Promise<Unaccounted[]> {
  return sql<Unaccounted[]>`
    with ${laneFrontsOf(sql, graceMs, lanes)}, open as (
      select notifications.id, notifications.state as kind
      from notifications ${itsLaneFront(sql)}
      where notifications.created_at >= ${from} and notifications.created_at < ${to}
        and ${isNeglected(sql, { queuedMs: graceMs, leaseMs: graceMs })}
    ), unattempted as (
      select n.id, 'unattempted' as kind
      from notifications n
      where ${thorough} and n.created_at >= ${from} and n.created_at < ${to} and n.state in ('sent', 'delivered')
        and not exists (
          select from delivery_attempts a
          where a.notification_id = n.id and (a.outcome is null or a.outcome in ('accepted', 'in_doubt'))
        )
    )
    select kind, count(*)::int as count, (array_agg(id))[1:3] as examples
    from (select * from open union all select * from unattempted) seen
    group by kind`;
}
