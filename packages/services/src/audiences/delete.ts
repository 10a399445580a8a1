import { ProblemError } from '@carillon/core/text/problem';
import { type AudienceRow, findUsers, getAudience } from '@carillon/db/audiences/audiences';
import { deleteAudience as deleteRow, lockAudiences } from '@carillon/db/audiences/change-audiences';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { ActorContext } from '../context.ts';

/**
 * Deletes an audience, if there is one of that key.
 *
 * @param input.unchanged throws if the audience is not what the change starts from.
 * @throws ProblemError 409 `invalid_state` naming the audiences and campaigns that use it.
 */
export async function deleteAudience(
  { db, actor }: ActorContext,
  input: { tenant: Tenant; key: string; unchanged?: ((current: AudienceRow | null) => void) | undefined },
): Promise<void> {
  const { tenant, key, unchanged } = input;
  await db.begin(async (tx) => {
    await lockAudiences(tx, tenant);
    const row = await getAudience(tx, tenant, key);
    if (row === null) return;
    unchanged?.(row);
    const { audiences, campaigns } = await findUsers(tx, tenant, key);
    const users = [
      ...audiences.map((each) => `audience ${JSON.stringify(each)}`),
      ...campaigns.map(({ id, name }) => `campaign ${JSON.stringify(name)} (${id})`),
    ];
    if (users.length > 0)
      throw new ProblemError(
        'invalid_state',
        `The audience ${JSON.stringify(key)} is used by ${shortened(users)}. Change those first.`,
      );
    await deleteRow(tx, tenant, row, actor);
  });
}

const NAMED = 10;

function shortened(users: readonly string[]): string {
  const named = users.slice(0, NAMED).join(', ');
  return users.length > NAMED ? `${named} and ${users.length - NAMED} more` : named;
}
