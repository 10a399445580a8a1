import type { Receipt } from '@carillon/core/provider/receipt';
import type { Sql, TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import type { AppliedReceipt } from '../receipts/apply-receipts.ts';
import { NO_RECEIPT_HOOKS, type ReceiptHooks, takeReceipts } from '../receipts/receive-receipts.ts';

/** An account that is queried, and when: milliseconds after a send, ascending. */
export interface AskedAccount {
  account: string;
  agesMs: readonly number[];
}

/** A message whose provider is to be queried now about its outcome. */
export interface Unreported {
  account: string;
  /** Key of its record of questions, together with the account. */
  eventId: string;
  notificationId: string;
  providerMessageId: string;
  /** How long ago it was sent, by the database's clock. */
  ageMs: number;
}

/** No worker asked for this long after the last question was due: the message is left as it is. */
const STUCK_SENDING_AFTER_MS = 24 * 60 * 60_000;

/**
 * Takes messages of a window of creation time that were sent through these accounts, have no final report and whose
 * next question is due, and keeps other nodes from them for `holdMs`; a process that dies meanwhile only loses that
 * time.
 *
 * Hot states have no index: this reads the rows of the window by their creation (measured on two busy cores: 6 to 12 us
 * a row, 16 ms for a window of ten seconds among 200,000). Answered questions are recorded in provider_logs, a row of
 * kind `asked` per message: `received_at` is the last question that was answered (before the first the send), so a
 * question is due when there is an age of the schedule after it that has come.
 */
export async function takeUnreported(
  sql: Sql,
  { from, to }: { from: Date; to: Date },
  asked: readonly AskedAccount[],
  holdMs: number,
  limit: number,
): Promise<Unreported[]> {
  const accounts = asked.map(({ account }) => account);
  return sql<Unreported[]>`
    with ages as materialized (
      select * from json_to_recordset(${JSON.stringify(asked)}::text::json) as x (account text, "agesMs" bigint[])
    ), due as materialized (
      select n.id, a.n, a.provider, a.provider_message_id, a.finished_at as sent_at,
        a.provider_message_id || '/asked' as event_id
      from notifications n
      join ages x on x.account = n.provider
      join delivery_attempts a on a.notification_id = n.id and a.n = n.attempt_count and a.provider = n.provider
      -- With a limit of its own, so that it is looked up by its key whatever statistics say.
      left join lateral (
        select l.event_id, l.received_at, l.body from provider_logs l
        where l.provider_account = a.provider and l.event_id = a.provider_message_id || '/asked'
        limit 1
      ) l on true
      where n.created_at >= ${from} and n.created_at < ${to} and n.state = 'sent' and n.provider = any (${accounts}::text[])
        and a.outcome = 'accepted'
        and a.finished_at > now() - (x."agesMs"[cardinality(x."agesMs")] + ${STUCK_SENDING_AFTER_MS}) * interval '1 millisecond'
        and (l.event_id is null or (l.body ->> 'held_until')::timestamptz < now())
        and exists (
          select from unnest(x."agesMs") as age (ms)
          where a.finished_at + ms * interval '1 millisecond' <= now()
            and (l.event_id is null or a.finished_at + ms * interval '1 millisecond' > l.received_at)
        )
      limit ${limit}
    ), taken as (
      insert into provider_logs (provider_account, event_id, kind, received_at, notification_id, attempt,
        provider_message_id, applied_at, body)
      select provider, event_id, 'asked', sent_at, id, n, provider_message_id, now(),
        jsonb_build_object('times', 0, 'held_until', now() + ${holdMs} * interval '1 millisecond')
      from due order by provider, event_id
      on conflict (provider_account, event_id) do update
      set body = provider_logs.body || jsonb_build_object('held_until', excluded.body -> 'held_until')
      -- Looked at again under the lock: of two nodes that saw it due only the first takes it.
      where (provider_logs.body ->> 'held_until')::timestamptz < now()
      returning provider_account, event_id
    )
    select d.provider as account, d.event_id as "eventId", d.id as "notificationId",
      d.provider_message_id as "providerMessageId", (extract(epoch from now() - d.sent_at) * 1000)::float8 as "ageMs"
    from taken t join due d on d.provider = t.provider_account and d.event_id = t.event_id`;
}

/** What a provider answered to a question about a message. */
export interface AnsweredReport {
  asked: Unreported;
  /** Null where nothing was learnt. */
  receipt: Receipt | null;
  /** In short, for people. */
  said: string;
  /** The schedule has no later question. */
  isLast: boolean;
}

/**
 * Applies answers as receipts, in the same way as those that arrive unrequested, and records in the same commit that
 * the question was answered. The timeline gets an entry where the answer moved something, and where it was the last.
 *
 * @returns how many notifications moved.
 */
export async function recordReports(
  sql: Sql,
  answers: readonly AnsweredReport[],
  hooks: Pick<ReceiptHooks, 'applied'> = NO_RECEIPT_HOOKS,
): Promise<number> {
  const applied = await sql.begin(async (tx) => {
    const received = answers.flatMap(({ asked: { account }, receipt }) =>
      receipt ? [{ account, receipt }] : [],
    );
    const { applied: found } = await takeReceipts(tx, received);
    await noteAsked(tx, answers, movedBy(found));
    return found;
  });
  hooks.applied(applied);
  return movedBy(applied).size;
}

function movedBy(applied: readonly AppliedReceipt[]): Set<string> {
  return new Set(applied.filter(({ movedTo }) => movedTo).map((each) => each.notificationId));
}

async function noteAsked(
  tx: TransactionSql,
  answers: readonly AnsweredReport[],
  moved: ReadonlySet<string>,
): Promise<void> {
  const rows = answers.map(({ asked: { account, eventId, notificationId }, said, isLast }) => ({
    account,
    eventId,
    said,
    reason: moved.has(notificationId)
      ? `${account} was asked what became of it, and says: ${said}`
      : isLast
        ? `${account} was asked for the last time what became of it, and says: ${said}`
        : null,
  }));
  await tx`
    with rows as materialized (
      select * from json_to_recordset(${storableJson(rows)}::text::json) as r (
        account text, "eventId" text, said text, reason text
      )
    ), noted as (
      update provider_logs l
      -- Not the provider's words: erasure knows where those stand.
      set received_at = now(), body = l.body || jsonb_build_object('times', (l.body ->> 'times')::int + 1)
      from rows r where l.provider_account = r.account and l.event_id = r."eventId"
      returning l.notification_id, (l.body ->> 'times')::int as times, r.account, r.said, r.reason
    )
    insert into notification_history (notification_id, state, actor, reason, detail)
    select n.id, n.state, 'reports', a.reason, jsonb_build_object('provider', a.account, 'times', a.times, 'said', a.said)
    from noted a join notifications n on n.id = a.notification_id
    where a.reason is not null`;
}
