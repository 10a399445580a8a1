import { auditHash, verifyAuditPage } from '@carillon/db/audit/verify-audit';
import { refusedField } from '../context.ts';
import { type AuditContext, assertLiveAudit } from './list.ts';

export interface AuditVerification {
  /** `unfinished`: intact so far; go on with `next`. */
  status: 'intact' | 'broken' | 'unfinished';
  /** Rows that were checked now. */
  checked: number;
  broken: { id: string; at: Date } | null;
  /** The last row that was checked, and its hash: noted elsewhere, it shows later whether the newest rows were removed. */
  head: { id: string; hash: string } | null;
  /** The id of the last row that was checked, where there may be more. */
  next: string | null;
}

const PAGE = 5_000;
/** A request must be answered; a chain of millions takes several. In milliseconds. */
export const VERIFY_MS = 3_000;

/**
 * Checks the hash chain of the audit log from its beginning, or from the row after `after`. It belongs to the whole
 * installation: one chain holds the entries of all apps, and this says nothing about them but whether they are intact.
 *
 * @throws ProblemError 403 for a test key, 422 if there is no row `after`.
 */
export async function verifyAuditLog(
  ctx: AuditContext,
  input: { after?: string | undefined; pageSize?: number; budgetMs?: number },
): Promise<AuditVerification> {
  assertLiveAudit(ctx);
  const { after, pageSize = PAGE, budgetMs = VERIFY_MS } = input;
  let from: { id: string; hash: Buffer } | null = null;
  if (after !== undefined) {
    const hash = await auditHash(ctx.db, after);
    if (hash === null)
      throw refusedField('cursor', `there is no entry ${after} any more; begin again without a cursor`);
    from = { id: after, hash };
  }
  const endsAt = performance.now() + budgetMs;
  for (let checked = 0; ; ) {
    const page = await verifyAuditPage(ctx.db, from, pageSize);
    checked += page.checked;
    if (page.lastId !== null && page.lastHash !== null) from = { id: page.lastId, hash: page.lastHash };
    const head = from && { id: from.id, hash: from.hash.toString('hex') };
    if (page.brokenId !== null && page.brokenAt !== null) {
      const broken = { id: page.brokenId, at: page.brokenAt };
      return { status: 'broken', checked, broken, head, next: null };
    }
    if (page.checked < pageSize) return { status: 'intact', checked, broken: null, head, next: null };
    if (performance.now() > endsAt)
      return { status: 'unfinished', checked, broken: null, head, next: page.lastId };
  }
}
