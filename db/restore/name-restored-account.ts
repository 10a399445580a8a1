import { RESTORED } from '@carillon/core/notification/restore';
import type { Sql } from 'postgres';
import type { DoubtRow } from '../doubts/take-doubts.ts';

/**
 * Writes down which account a call that the restored database does not know would have gone to, so that receipts find
 * the attempt and a later call to the same account is not taken for an unknown one.
 *
 * @returns whether the doubt was still unmoved.
 */
export async function nameRestoredAccount(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  account: string,
): Promise<boolean> {
  const rows = await sql`
    with named as (
      update notifications set provider = ${account}
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
      returning id
    ), attempt as (
      update delivery_attempts a set provider = ${account}
      from named where a.notification_id = named.id and a.n = ${n}
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'resolver', ${`after the backup it would have been sent by ${account}`},
        json_build_object('code', ${RESTORED}::text, 'attempt', ${n}::int, 'provider', ${account}::text)
      from named
    )
    select id from named`;
  return rows.length > 0;
}
