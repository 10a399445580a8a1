import { ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import { type CategoryFields, type CategoryRow, getCategory } from '@carillon/db/preferences/categories';
import { putCategory as putRow } from '@carillon/db/preferences/change-categories';
import type { ActorContext } from '../context.ts';

/**
 * Sets how messages of a category are treated; replaces earlier settings as a whole.
 *
 * @param input.unchanged throws if the settings are not those that the change starts from.
 * @throws ProblemError 404 if it was deleted meanwhile.
 */
export async function putCategory(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    name: string;
    fields: CategoryFields;
    unchanged?: ((current: CategoryRow | null) => void) | undefined;
  },
): Promise<{ category: CategoryRow; created: boolean }> {
  const { tenant, name, fields, unchanged } = input;
  const created = await putRow(db, tenant, name, fields, actor, unchanged);
  const category = await getCategory(db, tenant, name);
  if (category === null) throw noSuchCategory(name);
  return { category, created };
}

/** One answer for a category without settings and for one of another app. */
export function noSuchCategory(name: string): ProblemError {
  const otherwise =
    name === '*' ? 'The built-in defaults hold.' : 'What "*" says holds for it, or the defaults do.';
  return new ProblemError(
    'not_found',
    `The category ${JSON.stringify(name.slice(0, 64))} has no settings in this app and environment. ${otherwise} GET /v1/categories lists those that have.`,
  );
}
