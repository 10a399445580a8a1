import { randomUUID } from 'node:crypto';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import type { Tenant } from '@carillon/db/connection/tenant';
import { addImport, leaveImport, takeImport } from '@carillon/db/imports/imports';
import { getImport, type ImportOptions, type ImportRow } from '@carillon/db/imports/read-imports';
import { type ActorContext, invalidField } from '../context.ts';

/** An upload has its import for this long after its last sign of life: after a crash, so long nobody can go on. */
export const LEASE_SECONDS = 15;

/** An import that this upload has. */
export interface OpenImport {
  row: ImportRow;
  tenant: Tenant;
  token: string;
  isNew: boolean;
}

/**
 * Begins an import, or goes on with one: the same id and the same options, while no other upload has it.
 *
 * @param input.fromLine the line of the file that the upload begins with; null: from its beginning.
 * @throws ProblemError 404 for a line of an import that is not there, 409 while another upload has it or if it was begun
 *   with other options, 422 for a line behind lines that nobody has read.
 */
export async function beginImport(
  { db, actor }: ActorContext,
  input: { tenant: Tenant; id: string; fromLine: number | null; options: ImportOptions },
): Promise<OpenImport> {
  const { tenant, id, options } = input;
  const fromLine = input.fromLine ?? 1;
  const lease = { token: randomUUID(), leaseSeconds: LEASE_SECONDS };
  if (fromLine === 1) {
    const added = await db.begin(async (tx) => {
      const row = await addImport(tx, tenant, { id, actor, ...options }, lease);
      if (row && !options.dryRun)
        await audit(tx, {
          appId: tenant.appId,
          actor,
          action: 'recipient.import',
          subject: `import:${id}`,
          detail: { environment: tenant.environment, mode: options.mode, resubscribe: options.resubscribe },
        });
      return row;
    });
    if (added) return { row: added, tenant, token: lease.token, isNew: true };
  }
  const before = await getImport(db, tenant, id);
  if (before === null) throw noSuchImport(id);
  assertSame(before, options);
  const row = await takeImport(db, tenant, id, lease);
  if (row === null) throw isRunning(id, before.busySeconds);
  if (fromLine > row.position + 1) {
    await leaveImport(db, tenant, id, { token: lease.token, finished: false });
    throw invalidField(
      'from_line',
      fromLine,
      `leaves lines out: this import has read its file up to line ${row.position}. Go on with from_line=${row.position + 1}`,
    );
  }
  return { row, tenant, token: lease.token, isNew: false };
}

export function noSuchImport(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no import "${id}" in this app and environment. It may be older than the retention of imports (30 days), or belong to another key's app; leave from_line out to begin one.`,
  );
}

/** @throws ProblemError 409 if an import was begun otherwise. */
function assertSame(row: ImportRow, options: ImportOptions): void {
  const words = ({ format, mode, dryRun, resubscribe }: ImportOptions) =>
    `${format}, mode=${mode}, dry_run=${dryRun}, resubscribe=${resubscribe}`;
  if (words(row) === words(options)) return;
  throw new ProblemError(
    'idempotency_conflict',
    `Import "${row.id}" was begun as ${words(row)}, and this upload says ${words(options)}. Give the same, or another Import-Id.`,
  );
}

function isRunning(id: string, busySeconds: number): ProblemError {
  return new ProblemError(
    'invalid_state',
    `Another upload of import "${id}" is running; one at a time may. Wait until it ends, or until nothing was heard of it for ${LEASE_SECONDS} s.`,
    { retryAfterSeconds: Math.max(1, busySeconds) },
  );
}
