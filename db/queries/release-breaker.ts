import type { Sql } from 'postgres';
import { audit } from './audit.ts';
import { type BreakerRow, breakerColumns } from './list-breakers.ts';

/**
 * Gives a held breaker back to the workers. An open one stays open until the probe that is due now finds the account
 * healthy: nobody's word alone sends traffic to a provider that may be dead. One that nobody holds is left as it is.
 *
 * @param actor `key:<key id>` or `staff:<e-mail>`.
 * @returns the breaker as it is now; null if no worker has entered such an account.
 */
export async function releaseBreaker(
  sql: Sql,
  account: string,
  reason: string | undefined,
  actor: string,
): Promise<BreakerRow | null> {
  return sql.begin(async (tx): Promise<BreakerRow | null> => {
    const [before] = await tx<BreakerRow[]>`
      select ${breakerColumns(sql)} from circuit_breakers where account = ${account} for update`;
    if (!before || before.heldBy === null) return before ?? null;

    const words = reason === undefined ? 'released by hand' : `released by hand: ${reason}`;
    const [released] = await tx<[BreakerRow]>`
      update circuit_breakers
      set held_by = null, reason = ${words}, changed_at = now(), probe_at = case when state = 'open' then now() end
      where account = ${account}
      returning ${breakerColumns(sql)}`;
    await audit(tx, {
      appId: null,
      actor,
      action: 'breaker.release',
      subject: `breaker:${account}`,
      detail: {
        state: before.state,
        was_held_by: before.heldBy,
        ...(reason === undefined ? {} : { reason }),
      },
    });
    return released;
  });
}
