import type { BreakerState } from '@carillon/core/breaker';
import type { Sql } from 'postgres';
import { audit } from './audit.ts';
import { type BreakerRow, breakerColumns } from './list-breakers.ts';

/** What a person may hold a breaker at. */
export type Held = Exclude<BreakerState, 'half_open'>;

/**
 * Holds the breaker of a provider account open or closed, whatever is counted, until it is released. Workers read the
 * row about once a second. The same hold by the same person for the same reason writes nothing.
 *
 * @param actor `key:<key id>` or `staff:<e-mail>`.
 * @returns the breaker as it is now; null if no worker has entered such an account.
 */
export async function holdBreaker(
  sql: Sql,
  account: string,
  state: Held,
  reason: string,
  actor: string,
): Promise<BreakerRow | null> {
  return sql.begin(async (tx): Promise<BreakerRow | null> => {
    const [before] = await tx<BreakerRow[]>`
      select ${breakerColumns(sql)} from circuit_breakers where account = ${account} for update`;
    if (!before) return null;
    if (before.state === state && before.heldBy === actor && before.reason === reason) return before;

    // A held one is not probed. One that is closed by hand has its past forgiven: the next cool-down begins small.
    const [held] = await tx<[BreakerRow]>`
      update circuit_breakers
      set state = ${state}, held_by = ${actor}, reason = ${reason}, changed_at = now(), probe_at = null,
          cool_down_seconds = case when ${state} = 'closed' then 0 else cool_down_seconds end
      where account = ${account}
      returning ${breakerColumns(sql)}`;
    await audit(tx, {
      // It touches every app of the installation, so it is no app's.
      appId: null,
      actor,
      action: 'breaker.hold',
      subject: `breaker:${account}`,
      detail: { state, reason, from: before.state, was_held_by: before.heldBy },
    });
    return held;
  });
}
