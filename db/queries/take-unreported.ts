import type { Sql } from 'postgres';

/** An account that is asked, and when: milliseconds after a send, ascending. */
export interface AskedAccount {
  account: string;
  agesMs: readonly number[];
}

/** A message whose provider is to be asked now what became of it. */
export interface Unreported {
  account: string;
  /** Names its record of questions, with the account. */
  eventId: string;
  notificationId: string;
  providerMessageId: string;
  /** How long ago it was sent, by the database's clock. */
  ageMs: number;
}

/** Nobody was there to ask for so long after the last question was due: it is left as it is. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60_000;

/**
 * Takes messages of a window of creation time that were sent through these accounts, have no final report and whose next
 * question is due, and keeps other nodes from them for `holdMs`; whoever dies meanwhile has only lost that time.
 *
 * Hot states have no index: this reads the rows of the window by their creation (measured on two busy cores: 6 to 12 us a row,
 * 16 ms for a window of ten seconds among 200,000). What was asked stands in
 * provider_logs, a row of kind `asked` per message: `received_at` is the last question that was answered (before the first
 * the send), so a question is due when there is an age of the schedule after it that has come.
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
        and a.finished_at > now() - (x."agesMs"[cardinality(x."agesMs")] + ${FORGOTTEN_AFTER_MS}) * interval '1 millisecond'
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
