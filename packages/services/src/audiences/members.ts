import { ProblemError } from '@carillon/core/text/problem';
import { getAudience } from '@carillon/db/audiences/audiences';
import { auditMembers } from '@carillon/db/audiences/change-audiences';
import { addMembers, removeMembers } from '@carillon/db/audiences/members';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { Sql } from 'postgres';
import { noSuchAudience } from './put.ts';

export interface MembersChange {
  read: number;
  /** Added or removed. */
  changed: number;
  unknown: number;
  /** The first of them. */
  unknownIds: string[];
}

/** Unknown ids that are kept for the answer. */
const LISTED = 100;

/**
 * Adds recipients to a list, or takes them out, part by part as they arrive: each part is a commit of its own. Adding who
 * is in it already and removing who is not changes nothing, so that a broken upload is sent again.
 *
 * @param ctx.sets for statements over many rows.
 * @param input.parts some thousand ids each.
 * @throws ProblemError 404, or 409 for an audience that is not a list.
 */
export async function changeMembers(
  { sets, actor }: { sets: Sql; actor: string },
  input: { tenant: Tenant; key: string; action: 'add' | 'remove'; parts: AsyncIterable<readonly string[]> },
): Promise<MembersChange> {
  const { tenant, key, action, parts } = input;
  const result: MembersChange = { read: 0, changed: 0, unknown: 0, unknownIds: [] };
  await listOf(sets, tenant, key);
  try {
    for await (const ids of parts) {
      result.read += ids.length;
      await sets.begin(async (tx) => {
        const id = await listOf(tx, tenant, key);
        if (action === 'remove') {
          result.changed += await removeMembers(tx, id, ids);
          return;
        }
        const { added, unknown } = await addMembers(tx, tenant, id, ids);
        result.changed += added;
        result.unknown += unknown.length;
        result.unknownIds.push(...unknown.slice(0, LISTED - result.unknownIds.length));
      });
    }
  } finally {
    // Also of an upload that broke: the parts before stay.
    if (result.changed > 0) await auditMembers(sets, tenant, key, { actor, action, changed: result.changed });
  }
  return result;
}

async function listOf(sql: Parameters<typeof getAudience>[0], tenant: Tenant, key: string): Promise<string> {
  const row = await getAudience(sql, tenant, key);
  if (row === null) throw noSuchAudience(key);
  if (row.kind === 'list') return row.id;
  throw new ProblemError(
    'invalid_state',
    `The audience ${JSON.stringify(key)} is a filter, which has no members of its own. Change its filter, or PUT it with "recipient_ids" to make it a list.`,
  );
}
