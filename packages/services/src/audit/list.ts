import { auditedChange } from '@carillon/core/access/audited-change';
import { ProblemError } from '@carillon/core/text/problem';
import { type AuditFilter, type AuditRow, listAudit, listAuditUpwards } from '@carillon/db/audit/list-audit';
import type { Reader } from '@carillon/db/replica/reader';
import type { ReachContext } from '../context.ts';
import { type Page, type PageInput, pageOf } from '../page.ts';

/** The audit log is read from the primary or from a replica. */
export type AuditContext = Omit<ReachContext, 'db'> & { db: Reader };

/**
 * The audit log, newest first. For one app: every action on that app, by any actor. Entries without an app (staff,
 * provider accounts, breakers) need the reach of the installation.
 *
 * @throws ProblemError 403 for a test key, because entries concern live traffic, and for another app.
 */
export async function listAuditLog(
  ctx: AuditContext,
  input: PageInput & AuditFilter,
): Promise<Page<AuditRow>> {
  const filter = inReach(ctx, input);
  return pageOf(input, (limit) => listAudit(ctx.db, filter, input.after, limit));
}

/** Rows that an export reads at a time. */
const EXPORT_PAGE = 1_000;

/**
 * All entries that match, oldest first, page by page; entries written meanwhile are part of it.
 *
 * @param read where each page comes from.
 * @throws ProblemError as `listAuditLog`, at once.
 */
export function exportAuditLog(
  ctx: Omit<AuditContext, 'db'>,
  input: AuditFilter,
  read: (page: (sql: Reader) => Promise<AuditRow[]>) => Promise<AuditRow[]>,
): AsyncGenerator<AuditRow[]> {
  const filter = inReach(ctx, input);
  async function* pages(): AsyncGenerator<AuditRow[]> {
    for (let after = '0'; ; ) {
      const rows = await read((sql) => listAuditUpwards(sql, filter, after, EXPORT_PAGE));
      yield rows;
      if (rows.length < EXPORT_PAGE) return;
      after = rows.at(-1)!.id;
    }
  }
  return pages();
}

function inReach(ctx: Omit<AuditContext, 'db'>, input: AuditFilter): AuditFilter {
  const { actor, reach } = ctx;
  assertLiveAudit(ctx);
  if (reach.appId !== null && input.appId !== undefined && input.appId !== reach.appId)
    throw new ProblemError(
      'forbidden',
      `${actor} reads the audit log of the app ${reach.appId} only. Leave app_id out, or use a key with the scope installation.`,
    );
  return { ...input, appId: input.appId ?? reach.appId ?? undefined };
}

/** @throws ProblemError 403 for a test key: entries tell of live traffic. */
export function assertLiveAudit({ actor, reach }: Pick<ReachContext, 'actor' | 'reach'>): void {
  if (reach.environment !== 'test') return;
  throw new ProblemError(
    'wrong_environment',
    `${actor} is a test key, and the audit log tells of live traffic. Use a live key with the scope audit:read.`,
  );
}

/** An entry as JSON. */
export function viewAuditEntry({ id, at, appId, actor, action, subject, detail }: AuditRow) {
  const change = auditedChange(detail);
  return {
    id,
    at: at.toISOString(),
    app_id: appId,
    actor,
    action,
    subject,
    detail,
    before: change?.before ?? null,
    after: change?.after ?? null,
  };
}
