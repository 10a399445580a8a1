import type { State } from '@carillon/core/states';
import type { Sql, TransactionSql } from 'postgres';

/**
 * Whether sending it again could send it twice: it is in doubt, or the last call of a dead or failed one is (the
 * resolver gave up under `at_most_once`). Whoever sends again asks here first. A statement of its own, to be run while
 * the row is locked: joined into the lock it could see the attempts of before the wait for it.
 *
 * @param state as the lock found it.
 */
export async function mayHaveArrived(tx: Sql | TransactionSql, id: string, state: State): Promise<boolean> {
  if (state === 'in_doubt') return true;
  const [row] = await tx<[{ doubtful: boolean }]>`
    select exists (
      select from notifications n
      join delivery_attempts a on a.notification_id = n.id and a.n = n.attempt_count
      where n.id = ${id}::uuid and a.outcome = 'in_doubt'
    ) as doubtful`;
  return row.doubtful;
}
