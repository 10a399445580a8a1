import type { State } from '@carillon/core/notification/states';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { Sql, TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import type { ResolverNote } from '../doubts/decisions.ts';
import type { DoubtRow } from '../doubts/take-doubts.ts';
import { notStopped } from '../origins/stops.ts';

/** The outcome of a call whose lease had expired: evidence, because the attempt may be a doubt by now. */
export interface LateAnswer {
  id: string;
  n: number;
  provider: string;
  outcome: OutcomeClass;
  errorCode: string;
}

/**
 * Makes the resolver look again at once at the doubt about this very attempt: it finds the late answer in the journal
 * and settles it. A doubt held for a person is taken up again, too. A concurrent move of the doubt on other grounds
 * finds its fence (`next_attempt_at`) gone.
 *
 * @param untold what `record-outcomes` has not journalled: a call that was given up before it was written.
 * @returns whether the attempt was in doubt.
 */
export async function noteLateAnswer(
  sql: Sql,
  { id, n }: Pick<LateAnswer, 'id' | 'n'>,
  untold: LateAnswer | null,
): Promise<boolean> {
  const detail = untold && {
    outcome: untold.outcome,
    code: untold.errorCode,
    provider: untold.provider,
    attempt: n,
  };
  const rows = await sql`
    with late as (
      update notifications set next_attempt_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n}
      returning id
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'deliver', 'its worker is back and had not sent it: the lease ran out before the call was written',
        ${storableJson(detail)}::text::jsonb
      from late where ${untold !== null}
    )
    select id from late
  `;
  return rows.length > 0;
}

/**
 * Whether sending it again could send it twice: it is in doubt, or the last call of a dead or failed one is (the
 * resolver gave up under `at_most_once`). Code that sends again checks here first. A statement of its own, to be run
 * while the row is locked: joined into the locking statement it could see the attempts as they were before the wait for
 * the lock.
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

/**
 * Takes the lease of a doubtful attempt once more, to make the same call again under the same key: no new attempt, no
 * new try, and its start time stays, because that gives the age of the key. A crash from here on is the same doubt
 * again.
 *
 * @returns whether the lease was taken: not if the doubt was settled meanwhile, not once expires_at has passed, and not
 *   while its origin is stopped.
 */
export async function reopenAttempt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  lease: { token: string; ms: number },
  { reason, detail }: ResolverNote,
): Promise<boolean> {
  const rows = await sql`
    with leased as (
      update notifications
      set state = 'sending', lease_token = ${lease.token}, lease_until = now() + ${lease.ms} * interval '1 millisecond',
          next_attempt_at = null, updated_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
        and (expires_at is null or expires_at > now())
        and ${notStopped(sql)}
      returning id, attempt_count
    ), reopened as (
      update delivery_attempts a
      set outcome = null, finished_at = null, phase = 'started', error_code = null, error = null, latency_ms = null
      from leased l
      where a.notification_id = l.id and a.n = l.attempt_count
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'sending', 'resolver', ${reason}, ${storableJson(detail)}::text::jsonb from leased
    )
    select id from leased`;
  return rows.length > 0;
}
