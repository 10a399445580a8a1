import type { Sql } from 'postgres';
import type { ResolverNote } from './resolver-note.ts';
import type { DoubtRow } from './take-doubts.ts';

export interface FoundAcceptance {
  /** Null where the evidence names none: the attempt then stays in doubt, for no answer ever came to it. */
  providerMessageId: string | null;
  /** True for what a search found: a message that another attempt is known by is not this one's. */
  exclusive: boolean;
}

/**
 * Settles a doubt as sent, on evidence that the provider has it.
 *
 * Two doubts of the same words to the same person can find the same message; the lock lets only one of them have it.
 *
 * @returns `taken` if the message is another attempt's; `gone` if the doubt was no longer ours to move.
 */
export async function acceptDoubt(
  sql: Sql,
  { id, attempt_count: n, fence, provider }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence' | 'provider'>,
  { providerMessageId, exclusive }: FoundAcceptance,
  { reason, detail }: ResolverNote,
): Promise<'sent' | 'taken' | 'gone'> {
  return sql.begin(async (tx) => {
    if (exclusive && providerMessageId !== null) {
      await tx`select pg_advisory_xact_lock(hashtextextended(${`message:${provider}:${providerMessageId}`}, 0))`;
      const [other] = await tx`
        select 1 from delivery_attempts
        where provider_message_id = ${providerMessageId} and provider = ${provider}
          and (notification_id, n) <> (${id}::uuid, ${n}::smallint)`;
      if (other) return 'taken';
    }
    const rows = await tx`
      with moved as (
        update notifications
        set state = 'sent', next_attempt_at = null, tried = null, error_code = null, error = null, updated_at = now(),
            provider = ${provider}, provider_message_id = ${providerMessageId}
        where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
        returning id, attempt_count
      ), proven as (
        update delivery_attempts a
        set outcome = 'accepted', provider_message_id = ${providerMessageId}, error_code = null, error = null
        from moved m
        where a.notification_id = m.id and a.n = m.attempt_count and ${providerMessageId !== null}
      ), told as (
        insert into notification_history (notification_id, state, actor, reason, detail)
        select id, 'sent', 'resolver', ${reason}, ${JSON.stringify(detail)}::text::jsonb from moved
      )
      select id from moved`;
    return rows.length > 0 ? 'sent' : 'gone';
  });
}
