import type { Receipt } from '@carillon/core/receipt';
import type { Sql, TransactionSql } from 'postgres';
import { takeReceipts } from './receive-receipts.ts';
import type { Unreported } from './take-unreported.ts';

/** What a provider answered when it was asked about a message. */
export interface AnsweredReport {
  asked: Unreported;
  /** Null where nothing could be learnt. */
  receipt: Receipt | null;
  /** In short, for people. */
  said: string;
  /** The schedule has no later question. */
  isLast: boolean;
}

/**
 * Takes answers as the receipts they are, through the same way as those that come by themselves, and records in the same
 * commit that the question was asked. The timeline tells it where the answer moved something, and where it was the last.
 *
 * @returns how many notifications moved.
 */
export async function recordReports(sql: Sql, answers: readonly AnsweredReport[]): Promise<number> {
  return sql.begin(async (tx) => {
    const received = answers.flatMap(({ asked: { account }, receipt }) =>
      receipt ? [{ account, receipt }] : [],
    );
    const applied = await takeReceipts(tx, received);
    const moved = new Set(applied.filter(({ movedTo }) => movedTo).map((each) => each.notificationId));
    await noteAsked(tx, answers, moved);
    return moved.size;
  });
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
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json) as r (
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
