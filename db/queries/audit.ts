import type { Sql, TransactionSql } from 'postgres';

export interface AuditEntry {
  appId: string | null;
  /** `key:<key id>`, `staff:<e-mail>` or `system:<service>`. */
  actor: string;
  /** A verb on a noun: `notification.retry`, `template.publish`. */
  action: string;
  /** `notification:<id>`, `template:<key>`. */
  subject: string;
  /** What changed, in names and bounds. Never a credential, an address or a message body. */
  detail?: Record<string, unknown>;
}

/**
 * Adds one row to the audit log, in the transaction of the change it tells of. Make it the last statement: the hash
 * chain allows one writer at a time, and the lock is held until the commit.
 */
export async function audit(tx: Sql | TransactionSql, entry: AuditEntry): Promise<void> {
  await tx`
    insert into audit_log (app_id, actor, action, subject, detail)
    values (${entry.appId}, ${entry.actor}, ${entry.action}, ${entry.subject},
      ${JSON.stringify(entry.detail ?? {})}::text::jsonb)`;
}
