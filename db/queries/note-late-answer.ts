import type { OutcomeClass } from '@carillon/core/outcome';
import type { Sql } from 'postgres';

/** How a call ended whose lease had run out: evidence, for the attempt may be a doubt by now. */
export interface LateAnswer {
  id: string;
  n: number;
  provider: string;
  outcome: OutcomeClass;
  errorCode: string;
}

/**
 * Has the doubt about this very attempt looked at again at once: the resolver finds the late answer in the journal and
 * settles it. A doubt that was held for a person is taken up again, too. Whoever is about to move the doubt on other
 * grounds finds its fence (`next_attempt_at`) gone.
 *
 * @param untold what `record-outcomes` has not journalled itself: a call that was given up before it was written.
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
        ${JSON.stringify(detail)}::text::jsonb
      from late where ${untold !== null}
    )
    select id from late
  `;
  return rows.length > 0;
}
