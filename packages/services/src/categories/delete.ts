import type { Tenant } from '@carillon/db/connection/tenant';
import { deleteCategory as deleteRow } from '@carillon/db/preferences/change-categories';
import type { ActorContext } from '../context.ts';

/** Deletes the settings of a category, if it has any. From then on those of `*` apply, or the defaults. */
export async function deleteCategory(
  { db, actor }: ActorContext,
  { tenant, name }: { tenant: Tenant; name: string },
): Promise<void> {
  await deleteRow(db, tenant, name, actor);
}
