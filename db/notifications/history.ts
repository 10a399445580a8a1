import type { State } from '@carillon/core/notification/states';
import type { Sql, TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';

export interface HistoryRow {
  notificationId: string;
  /** The state it is in after the change. */
  state: State;
  /** `key:<key id>`, `staff:<e-mail>`, or the service that moved it. */
  actor: string;
  /** For people: why. */
  reason: string;
  detail?: Record<string, unknown>;
}

/** Adds to the journal of a notification, in the transaction that moves it. */
export async function writeHistory(tx: Sql | TransactionSql, row: HistoryRow): Promise<void> {
  await tx`
    insert into notification_history (notification_id, state, actor, reason, detail)
    values (${row.notificationId}, ${row.state}, ${row.actor}, ${row.reason},
      ${row.detail === undefined ? null : storableJson(row.detail)}::text::jsonb)`;
}
