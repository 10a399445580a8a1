import { ProblemError } from '@carillon/core/text/problem';
import { type BulkRow, getBulkAction } from '@carillon/db/bulk/read-bulk-actions';
import { stopBulkAction } from '@carillon/db/bulk/write-bulk-actions';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { ActorContext } from '../context.ts';

/**
 * Stops a bulk action: nothing is moved after this returns, and what was moved stays so. One that is over stays as it is.
 *
 * @throws ProblemError 404.
 */
export async function stopBulk(
  { db, actor }: ActorContext,
  { tenant, id }: { tenant: Tenant; id: string },
): Promise<BulkRow> {
  const row = await stopBulkAction(db, tenant, id, actor);
  if (!row) throw noSuchBulkAction(id);
  return row;
}

/** @throws ProblemError 404. */
export async function getBulk(
  { db }: Pick<ActorContext, 'db'>,
  tenant: Tenant,
  id: string,
): Promise<BulkRow> {
  const row = await getBulkAction(db, tenant, id);
  if (!row) throw noSuchBulkAction(id);
  return row;
}

function noSuchBulkAction(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no bulk action ${JSON.stringify(id)} in this app and environment. Those that ended are kept as long as notifications.`,
  );
}
