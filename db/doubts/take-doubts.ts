import type { StopMode } from '@carillon/core/campaign/states';
import type { Message } from '@carillon/core/notification/message';
import type { Priority } from '@carillon/core/notification/priority';
import { RESTORED } from '@carillon/core/notification/restore';
import { PROOFS_OF_ACCEPTANCE } from '@carillon/core/provider/receipt';
import type { Sql } from 'postgres';
import { type ClaimedRow, claimedBeside, claimedColumns } from '../attempts/claim-notifications.ts';
import { stopOf } from '../origins/stops.ts';

/** A doubt and everything the database knows about it. */
export interface DoubtRow extends ClaimedRow {
  /** Its `next_attempt_at` now: every move of this doubt names it, and finds it gone if another process was quicker. */
  fence: Date;
  /** The account that was called. */
  provider: string;
  started_at: Date;
  /** When its last call ended in doubt. */
  ended_at: Date;
  /** Set where the provider's id was learnt without an answer. */
  provider_message_id: string | null;
  /** The message that was sent, where it was kept. */
  rendered: Message | null;
  /** How often the resolver made this call again. */
  repeats: number;
  /** How often the resolver sent this notification again. */
  resends: number;
  /** The call may have been made between a backup and its restore: then neither the call nor its account is known. */
  restored: boolean;
  /** Nothing of its origin is sent now; null if it may be. */
  stopped: StopMode | null;
  /** The reason of the last wait that was recorded. */
  last_wait: string | null;
  /** A receipt that proves that the provider has it. */
  receipt: { kind: string; provider_message_id: string | null } | null;
  /** The outcome of this call, which came after its lease had expired and so was only journalled. */
  late: { outcome: string; provider_message_id: string | null } | null;
}

/**
 * Takes doubts whose look is due, critical ones first, and defers their next look by `leaseMs`, so that no other node
 * looks at the same ones meanwhile. If this process dies, that is how long they wait.
 *
 * The doubtful attempt is always the last one. Late answers are journal rows of `deliver` with the number of the
 * doubtful attempt: whatever else `deliver` writes about that attempt is the doubt itself.
 */
export async function takeDoubts(
  sql: Sql,
  priorities: readonly Priority[],
  leaseMs: number,
  limit: number,
): Promise<DoubtRow[]> {
  const isDue = sql`rare_state = 'in_doubt' and next_attempt_at <= now() and priority = any (${priorities as string[]}::text[])`;
  // There is nearly always none, and planning the rest takes PostgreSQL a millisecond.
  const [some] = await sql<
    [{ due: boolean }]
  >`select exists (select from notifications where ${isDue}) as due`;
  if (!some.due) return [];
  return sql<DoubtRow[]>`
    with due as materialized (
      select id from notifications
      where ${isDue}
      order by priority <> 'critical', next_attempt_at
      limit ${limit}
      for update skip locked
    ), taken as (
      update notifications n
      -- Whole milliseconds: the value travels through JavaScript and must come back equal.
      set next_attempt_at = date_trunc('milliseconds', now()) + ${leaseMs} * interval '1 millisecond'
      from due where n.id = due.id
      returning n.*
    )
    select ${claimedColumns(sql)}, c.next_attempt_at as fence, ${stopOf(sql)} as stopped, coalesce(a.provider, c.provider, '') as provider,
      coalesce(a.started_at, c.updated_at) as started_at, coalesce(a.finished_at, a.started_at, c.updated_at) as ended_at,
      a.provider_message_id, a.rendered, h.repeats, h.resends, h.restored, h.last_wait, r.receipt, h.late
    from taken c ${claimedBeside(sql)}
    left join delivery_attempts a on a.notification_id = c.id and a.n = c.attempt_count
    cross join lateral (
      select
        count(*) filter (where by_us and decision = 'repeat' and attempt = c.attempt_count::text)::int as repeats,
        count(*) filter (where by_us and decision = 'send_again')::int as resends,
        coalesce(bool_or(code = ${RESTORED} and attempt = c.attempt_count::text), false) as restored,
        (array_agg(reason order by id desc) filter (where by_us and decision = 'wait'))[1] as last_wait,
        (array_agg(json_build_object('outcome', outcome, 'provider_message_id', message_id) order by outcome = 'accepted' desc, id desc)
          filter (where actor = 'deliver' and attempt = c.attempt_count::text and outcome <> 'in_doubt'))[1] as late
      from (
        select id, actor, reason, actor = 'resolver' as by_us, detail ->> 'decision' as decision, detail ->> 'attempt' as attempt,
          detail ->> 'outcome' as outcome, detail ->> 'provider_message_id' as message_id, detail ->> 'code' as code
        from notification_history where notification_id = c.id
      ) journal
    ) h
    cross join lateral (
      -- Written so that nothing but the notification can be looked up by: an order with a limit, or the account, would
      -- tempt the planner into an index that it walks for every doubt.
      select (array_agg(json_build_object('kind', kind, 'provider_message_id', provider_message_id) order by received_at))[1]
        as receipt
      from provider_logs
      where notification_id = c.id and attempt = c.attempt_count and provider_account is not distinct from a.provider
        and kind = any (${PROOFS_OF_ACCEPTANCE as string[]}::text[])
    ) r`;
}
