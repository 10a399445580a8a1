import type { BreakerState } from '@carillon/core/provider/breaker';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import { type BreakerRow, breakerColumns } from './breakers.ts';

/** The states at which a person may hold a breaker. */
export type Held = Exclude<BreakerState, 'half_open'>;

/**
 * Holds the breaker of a provider account open or closed, whatever the counts, until it is released. Workers read the
 * row about once a second. The same hold by the same person for the same reason writes nothing.
 *
 * @param actor `key:<key id>` or `staff:<e-mail>`.
 * @returns the breaker as it is now; null if no worker has registered such an account.
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

    // A held one is not probed. One that is closed by hand loses its history: the next cool-down begins small.
    const [held] = await tx<[BreakerRow]>`
      update circuit_breakers
      set state = ${state}, held_by = ${actor}, reason = ${reason}, changed_at = now(), probe_at = null,
          cool_down_seconds = case when ${state} = 'closed' then 0 else cool_down_seconds end
      where account = ${account}
      returning ${breakerColumns(sql)}`;
    await audit(tx, {
      // It affects every app of the installation, so the audit entry names no app.
      appId: null,
      actor,
      action: 'breaker.hold',
      subject: `breaker:${account}`,
      detail: { state, reason, from: before.state, was_held_by: before.heldBy },
    });
    return held;
  });
}

/**
 * Gives a held breaker back to the workers. An open one stays open until the probe that is due now finds the account
 * healthy: no release alone sends traffic to a provider that may be dead. One that is not held is left as it is.
 *
 * @param actor `key:<key id>` or `staff:<e-mail>`.
 * @returns the breaker as it is now; null if no worker has registered such an account.
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
