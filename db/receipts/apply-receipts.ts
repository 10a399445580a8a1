import type { Channel } from '@carillon/core/notification/channel';
import type { DirectAddress } from '@carillon/core/notification/compose';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import {
  PROOFS_OF_ACCEPTANCE,
  RECEIPT_MOVES,
  type Receipt,
  type ReceiptKind,
} from '@carillon/core/provider/receipt';
import type { Sql, TransactionSql } from 'postgres';
import { countMoved } from '../origins/count-changes.ts';
import type { ReceiptKey } from './store-receipts.ts';

/** A stored receipt that found its notification, and its effect. */
export interface AppliedReceipt extends ReceiptKey {
  kind: ReceiptKind;
  receipt: Receipt;
  notificationId: string;
  appId: string;
  environment: Environment;
  channel: Channel;
  priority: Priority;
  recipientId: string | null;
  address: DirectAddress | null;
  category: string | null;
  /** Null where the state stayed as it was. */
  movedTo: State | null;
  /** Of the span that accepted the notification; null if it is not traced. */
  traceparent: string | null;
}

/**
 * The moves of core/receipt as rows: the strongest of several about one notification wins, by its place in the list.
 */
const MOVES = Object.entries(RECEIPT_MOVES).flatMap(([kind, moves]) =>
  Object.entries(moves).map(([from, to]) => ({ kind, from, to })),
);
const STRENGTH: readonly State[] = ['sent', 'delivered', 'failed'];

/**
 * Applies stored receipts, each once: finds the attempt by the id Carillon sent along or else by the provider's message
 * id (always of the same account, so that no gateway can report on another's messages), and moves its notification
 * forward, never back. One that finds nothing yet overtook the send's own answer: it stays unapplied, and the receipts
 * duty tries again.
 *
 * A move out of `sending` ends the lease: the send's own answer then finds it gone and changes nothing. A proof of
 * acceptance also settles a doubtful attempt.
 */
export async function applyReceipts(
  sql: Sql | TransactionSql,
  keys: readonly ReceiptKey[],
): Promise<AppliedReceipt[]> {
  if (keys.length === 0) return [];
  return sql<AppliedReceipt[]>`
    with wanted as materialized (
      select l.provider_account, l.event_id, l.kind, l.body, l.received_at, l.notification_id, l.attempt, l.provider_message_id
      from json_to_recordset(${JSON.stringify(keys)}::text::json) as k (account text, "eventId" text)
      join provider_logs l on l.provider_account = k.account and l.event_id = k."eventId"
      where l.applied_at is null
      for update of l skip locked
    ), found as materialized (
      select w.provider_account, w.event_id, w.kind, w.body, w.provider_message_id as their_id,
        coalesce(planted.notification_id, theirs.notification_id) as id, coalesce(planted.n, theirs.n) as n
      from wanted w
      left join lateral (
        select a.notification_id, a.n from delivery_attempts a
        where a.notification_id = w.notification_id and a.n = w.attempt and a.provider = w.provider_account
      ) planted on w.notification_id is not null
      left join lateral (
        select a.notification_id, a.n from delivery_attempts a
        where a.provider_message_id = w.provider_message_id and a.provider = w.provider_account
        limit 1
      ) theirs on w.provider_message_id is not null
      where coalesce(planted.notification_id, theirs.notification_id) is not null
    ), strongest as materialized (
      select distinct on (f.id) f.*, m."to"
      from found f
      join notifications n on n.id = f.id and n.attempt_count = f.n
      join json_to_recordset(${JSON.stringify(MOVES)}::text::json) as m (kind text, "from" text, "to" text)
        on m.kind = f.kind and m."from" = n.state
      order by f.id, array_position(${STRENGTH as string[]}::text[], m."to") desc
    ), locked as materialized (
      -- What it moves from is counted, and so it is read under the lock.
      select id, state as was from notifications where id in (select id from strongest)
      for no key update
    ), moved as (
      update notifications n
      set state = s."to", lease_token = null, lease_until = null, next_attempt_at = null, updated_at = now(),
          provider = s.provider_account, provider_message_id = coalesce(n.provider_message_id, s.their_id),
          error_code = case when s."to" = 'failed' then coalesce(s.body ->> 'code', s.kind) end,
          error = case when s."to" = 'failed' then coalesce(s.body ->> 'detail', 'the provider reported: ' || s.kind) end
      from strongest s join locked on locked.id = s.id
      -- The state is looked at again under the lock: a move is only made from where it was decided.
      where n.id = s.id and n.attempt_count = s.n and exists (
        select from json_to_recordset(${JSON.stringify(MOVES)}::text::json) as m (kind text, "from" text, "to" text)
        where m.kind = s.kind and m."from" = n.state and m."to" = s."to"
      )
      returning n.id, s.provider_account, s.event_id, s."to", n.origin_id, n.origin_variant, n.state, locked.was
    ), ${countMoved(sql)}, proven as (
      update delivery_attempts a
      set outcome = 'accepted', finished_at = coalesce(a.finished_at, now()), phase = 'answered',
          provider_message_id = coalesce(a.provider_message_id, f.their_id, 'receipt:' || f.event_id),
          error_code = null, error = null
      from (select distinct on (id, n) * from found where kind = any (${PROOFS_OF_ACCEPTANCE as string[]}) order by id, n) f
      where a.notification_id = f.id and a.n = f.n
        and (a.outcome = 'in_doubt' or (a.outcome is null and f.id in (select id from moved)))
    ), applied as (
      update provider_logs l
      set applied_at = now(), notification_id = f.id, attempt = f.n,
          body = l.body || jsonb_build_object('moved_to', m."to")
      from found f left join moved m on m.provider_account = f.provider_account and m.event_id = f.event_id
      where l.provider_account = f.provider_account and l.event_id = f.event_id
      returning l.provider_account, l.event_id, l.kind, l.body, l.notification_id, m."to"
    )
    select a.provider_account as account, a.event_id as "eventId", a.kind, a.body as receipt, n.id as "notificationId",
      n.app_id as "appId", n.environment, n.channel, n.priority, n.recipient_id as "recipientId", n.address, n.category, a."to" as "movedTo",
      n.traceparent
    from applied a join notifications n on n.id = a.notification_id`;
}

/** Receipts that found nothing so far and are worth another look, oldest first. */
export async function unappliedReceipts(
  sql: Sql | TransactionSql,
  youngerThanMs: number,
  limit: number,
): Promise<ReceiptKey[]> {
  return sql<ReceiptKey[]>`
    select provider_account as account, event_id as "eventId" from provider_logs
    where applied_at is null and received_at > now() - ${youngerThanMs} * interval '1 millisecond'
    order by received_at limit ${limit}`;
}
