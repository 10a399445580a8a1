import { parseAttemptId } from '@carillon/core/ids';
import type { Receipt } from '@carillon/core/receipt';
import type { Sql, TransactionSql } from 'postgres';

export interface AccountReceipt {
  /** The provider account whose signature was on it. */
  account: string;
  receipt: Receipt;
}

/** What names a stored receipt. */
export interface ReceiptKey {
  account: string;
  eventId: string;
}

/**
 * Stores receipts, each once: the key is account and event id, so a repeated or replayed one leaves nothing.
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
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as r (
      account text, "eventId" text, kind text, "notificationId" uuid, attempt smallint, "providerMessageId" text, body jsonb
    )
    order by account, "eventId"
    on conflict do nothing
    returning provider_account as account, event_id as "eventId"`;
}
