import {
  MAX_PART_DEPTH,
  namedParts,
  type Part,
  type PartName,
  partId,
  placedPartTexts,
} from '@carillon/core/template/compile/parts';
import type { Tenant } from '@carillon/db/connection/tenant';
import { findParts } from '@carillon/db/templates/parts';
import type { Sql, TransactionSql } from 'postgres';

/** Layouts and partials by name, with the partials that they render. Those that do not exist are missing. */
export async function gatherParts(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  names: readonly PartName[],
): Promise<Map<string, Part>> {
  const found = new Map<string, Part>();
  const asked = new Set<string>();
  let wanted = names;
  // One query a level; deeper ones are refused where they are put in.
  for (let depth = 0; depth <= MAX_PART_DEPTH && wanted.length > 0; depth += 1) {
    for (const name of wanted) asked.add(partId(name));
    const rows = await findParts(sql, tenant, wanted);
    const next = new Map<string, PartName>();
    for (const { kind, key, version, hash, texts } of rows) {
      found.set(partId({ kind, key }), { kind, key, version, hash, texts });
      for (const name of namedParts(
        placedPartTexts(texts).flatMap(({ text }) => Object.values(text) as string[]),
      ))
        if (!asked.has(partId(name))) next.set(partId(name), name);
    }
    wanted = [...next.values()];
  }
  return found;
}
