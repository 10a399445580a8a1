import type { Receipt } from '@carillon/core/provider/receipt';
import { parseAttemptId } from '@carillon/core/text/ids';
import type { Sql, TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';

export interface AccountReceipt {
  /** The provider account whose signature it carried. */
  account: string;
  receipt: Receipt;
}

/** The key of a stored receipt. */
export interface ReceiptKey {
  account: string;
  eventId: string;
}

/**
 * Stores receipts, each once: the key is account and event id, so a repeated or replayed one stores nothing.
 *
 * @returns the new ones.
 */
export async function storeReceipts(
  sql: Sql | TransactionSql,
  received: readonly AccountReceipt[],
): Promise<ReceiptKey[]> {
  const rows = received.map(({ account, receipt }) => {
    const planted = receipt.attemptId === undefined ? null : parseAttemptId(receipt.attemptId);
    return {
      account,
      eventId: receipt.eventId,
      kind: receipt.kind,
      notificationId: planted?.notificationId,
      attempt: planted?.n,
      providerMessageId: receipt.providerMessageId,
      body: receipt,
    };
  });
  return sql<ReceiptKey[]>`
    insert into provider_logs (provider_account, event_id, kind, notification_id, attempt, provider_message_id, body)
    select account, "eventId", kind, "notificationId", attempt, "providerMessageId", body
    from json_to_recordset(${storableJson(rows)}::text::json) as r (
      account text, "eventId" text, kind text, "notificationId" uuid, attempt smallint, "providerMessageId" text, body jsonb
    )
    order by account, "eventId"
    on conflict do nothing
    returning provider_account as account, event_id as "eventId"`;
}

/**
 * Removes receipts and other provider logs that came before `before`, the oldest first, including those that matched
 * nothing. From then on a repetition of one would count as new: providers give up after days.
 *
 * @returns how many were removed.
 */
export async function pruneProviderLogs(sql: Sql, before: Date, limit: number): Promise<number> {
  const rows = await sql`
    delete from provider_logs where (provider_account, event_id) in (
      select provider_account, event_id from provider_logs
      where received_at < ${before}
      order by received_at
      limit ${limit}
      for update skip locked
    )`;
  return rows.count;
}
