import { createHash } from 'node:crypto';
import { shownUrl } from '@carillon/core/program/shown-url';
import type { Sql, TransactionSql } from 'postgres';

export interface AuditEntry {
  appId: string | null;
  /** `key:<key id>`, `staff:<e-mail>`, `system:<service>` or `carillon-admin (<user>@<host>)`. */
  actor: string;
  /** A verb on a noun: `notification.retry`, `template.publish`. */
  action: string;
  /** `notification:<id>`, `template:<key>`. */
  subject: string;
  /** What changed, in names and bounds. Never a credential, an address or a message body. */
  detail?: Record<string, unknown>;
}

/**
 * Adds one row to the audit log, in the transaction of the change it describes. Make it the last statement: the hash
 * chain allows one writer at a time, and the lock is held until the commit.
 */
export async function audit(tx: Sql | TransactionSql, entry: AuditEntry): Promise<void> {
  await tx`
    insert into audit_log (app_id, actor, action, subject, detail)
    values (${entry.appId}, ${entry.actor}, ${entry.action}, ${entry.subject},
      ${JSON.stringify(entry.detail ?? {})}::text::jsonb)`;
}

/**
 * A URL in the form the audit log stores: its origin, and a hash that shows whether another entry has the same URL. The
 * log is never deleted, and the whole URL may hold a token.
 *
 * @returns members for the `detail` of an entry.
 */
export function auditedUrl(url: string): { origin: string; url_hash: string } {
  return {
    origin: shownUrl(url).replace(/\/\.\.\.$/, ''),
    url_hash: createHash('sha256').update(url).digest('hex').slice(0, 16),
  };
}
