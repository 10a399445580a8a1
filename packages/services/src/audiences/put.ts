import type { Filter } from '@carillon/core/audience/filter';
import { ProblemError } from '@carillon/core/text/problem';
import { type AudienceRow, getAudience } from '@carillon/db/audiences/audiences';
import { isSame, lockAudiences, writeAudience } from '@carillon/db/audiences/change-audiences';
import { addMembers, removeOthers } from '@carillon/db/audiences/members';
import type { Tenant } from '@carillon/db/connection/tenant';
import { type ActorContext, refusedField } from '../context.ts';
import { keysOf, resolveAudience } from './resolve.ts';

/** What an audience is made of: a filter, the whole list, or neither for a list whose members stay as they are. */
export type AudienceContent =
  | { filter: Filter }
  | { recipientIds: readonly string[] }
  | Record<string, never>;

export interface PutAudienceResult {
  audience: AudienceRow;
  created: boolean;
  /** What became of a list that was given; null without one. */
  members: { added: number; removed: number; unknown: string[] } | null;
}

/**
 * Creates or replaces an audience. Recipients of a list that do not exist are left out and returned, never created.
 *
 * @param input.unchanged throws if the audience is not what the change starts from. Not asked if a filter says the same
 *   already: then the change was made before.
 * @throws ProblemError 422 for a filter that names what there is not, or itself.
 */
export async function putAudience(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    key: string;
    name: string;
    content: AudienceContent;
    unchanged?: ((current: AudienceRow | null) => void) | undefined;
  },
): Promise<PutAudienceResult> {
  const { tenant, key, name, content, unchanged } = input;
  return db.begin(async (tx) => {
    await lockAudiences(tx, tenant);
    const before = await getAudience(tx, tenant, key);
    const filter = 'filter' in content ? (content.filter as Filter) : null;
    const ids = 'recipientIds' in content ? (content.recipientIds as readonly string[]) : null;
    if (before !== null && ids === null && isSame(before, { name, filter }))
      return { audience: before, created: false, members: null };
    unchanged?.(before);
    if (filter === null && ids === null && before?.kind !== 'list')
      throw refusedField(
        'filter',
        `is missing, and so is recipient_ids; give one of them. Only a list that exists keeps its members without`,
      );
    const uses = filter === null ? [] : keysOf(filter);
    if (filter !== null) await resolveAudience(tx, tenant, filter, { within: key });
    const { created } = await writeAudience(tx, tenant, { key, name, filter, uses }, before, actor);
    const audience = (await getAudience(tx, tenant, key))!;
    if (ids === null) return { audience, created, members: null };
    const removed = await removeOthers(tx, audience.id, ids);
    const { added, unknown } = await addMembers(tx, tenant, audience.id, ids);
    return { audience, created, members: { added, removed, unknown } };
  }) as Promise<PutAudienceResult>;
}

/** One answer for an audience that does not exist and for one of another app. */
export function noSuchAudience(key: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no audience ${JSON.stringify(key.slice(0, 100))} in this app and environment. GET /v1/audiences lists them.`,
  );
}
