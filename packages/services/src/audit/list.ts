import { ProblemError } from '@carillon/core/text/problem';
import { type AuditFilter, type AuditRow, listAudit } from '@carillon/db/audit/list-audit';
import type { ReachContext } from '../context.ts';
import { type Page, type PageInput, pageOf } from '../page.ts';

/**
 * The audit log, newest first. For one app: every action on that app, by any actor. Entries without an app (staff,
 * provider accounts, breakers) need the reach of the installation.
 *
 * @throws ProblemError 403 for a test key, because entries concern live traffic, and for another app.
 */
export async function listAuditLog(
  ctx: ReachContext,
  input: PageInput & AuditFilter,
): Promise<Page<AuditRow>> {
  const { actor, reach } = ctx;
  if (reach.environment === 'test')
    throw new ProblemError(
      'wrong_environment',
      `${actor} is a test key, and the audit log tells of live traffic. Use a live key with the scope admin.`,
    );
  if (reach.appId !== null && input.appId !== undefined && input.appId !== reach.appId)
    throw new ProblemError(
      'forbidden',
      `${actor} reads the audit log of the app ${reach.appId} only. Leave app_id out, or use a key with the scope installation.`,
    );
  const filter = { ...input, appId: input.appId ?? reach.appId ?? undefined };
  return pageOf(input, (limit) => listAudit(ctx.db, filter, input.after, limit));
}

/** An entry as JSON. */
export function viewAuditEntry({ id, at, appId, actor, action, subject, detail }: AuditRow) {
  return { id, at: at.toISOString(), app_id: appId, actor, action, subject, detail };
}
