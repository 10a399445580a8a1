import type { Phase } from '@carillon/core/provider/outcome';
import { outsideText } from '@carillon/core/text/outside-text';
import type { Sql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import { countEnded } from '../origins/count-changes.ts';
import { notStopped } from '../origins/stops.ts';
import type { DoubtRow } from './take-doubts.ts';

export interface FoundAcceptance {
  /** Null where the evidence contains none: the attempt then stays in doubt, because it never got an answer. */
  providerMessageId: string | null;
  /** True for the result of a search: a message that belongs to another attempt is not this one's. */
  exclusive: boolean;
}

/**
 * Settles a doubt as sent, on evidence that the provider has it.
 *
 * Two doubts with the same text to the same person can find the same message; the lock lets only one of them have it.
 *
 * @returns `taken` if the message is another attempt's; `gone` if another process moved the doubt first.
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
        returning id, attempt_count, origin_id, origin_variant, state
      ), ${countEnded(tx)}, proven as (
        update delivery_attempts a
        set outcome = 'accepted', provider_message_id = ${providerMessageId}, error_code = null, error = null
        from moved m
        where a.notification_id = m.id and a.n = m.attempt_count and ${providerMessageId !== null}
      ), told as (
        insert into notification_history (notification_id, state, actor, reason, detail)
        select id, 'sent', 'resolver', ${reason}, ${storableJson(detail)}::text::jsonb from moved
      )
      select id from moved`;
    return rows.length > 0 ? 'sent' : 'gone';
  });
}

/**
 * Ends a doubt without another send. Its attempt stays in doubt, so that a retry by a person still requires the
 * confirmation that it may arrive twice.
 *
 * @returns whether the doubt was still unmoved.
 */
export async function giveUpDoubt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  code: string,
  { reason, detail }: ResolverNote,
): Promise<boolean> {
  const rows = await sql`
    with moved as (
      update notifications
      set state = 'dead', next_attempt_at = null, error_code = ${code}, error = ${reason}, updated_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
      returning id, origin_id, origin_variant, state
    ), ${countEnded(sql)}, told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'dead', 'resolver', ${reason}, ${storableJson(detail)}::text::jsonb from moved
    )
    select id from moved`;
  return rows.length > 0;
}

/**
 * Sends a doubtful notification again, as a new attempt of the same cycle. Its old job may still lie in the lane's
 * failed set, so it is announced as resumed.
 *
 * @returns whether the doubt was still unmoved.
 */
export async function resendDoubt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  { reason, detail }: ResolverNote,
): Promise<boolean> {
  const rows = await sql`
    with moved as (
      update notifications
      set state = 'pending', next_attempt_at = null, error_code = null, error = null, updated_at = now()
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
        and ${notStopped(sql)}
      returning id, channel, priority
    ), announced as (
      insert into outbox (kind, lane, ids) select 'delivery.resumed', channel || '-' || priority, array[id] from moved
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'pending', 'resolver', ${reason}, ${storableJson(detail)}::text::jsonb from moved
    )
    select id from moved`;
  return rows.length > 0;
}

/** A repeated call that settled nothing. */
export interface Unsettled {
  id: string;
  n: number;
  leaseToken: string;
  errorCode: string;
  error: string;
  phase: Phase;
  latencyMs: number | null;
  /** Milliseconds until the next look. */
  lookInMs: number;
}

/**
 * Puts a repeated call back into doubt: its answer is no evidence about the first one.
 *
 * @returns the doubt's new fence (its next look), or null if the lease had expired.
 */
export async function returnToDoubt(
  sql: Sql,
  { id, n, leaseToken, errorCode, error, phase, latencyMs, lookInMs }: Unsettled,
  { reason, detail }: ResolverNote,
): Promise<Date | null> {
  const [row] = await sql<{ fence: Date }[]>`
    with moved as (
      update notifications
      set state = 'in_doubt', lease_token = null, lease_until = null, updated_at = now(), error_code = ${errorCode},
          error = ${outsideText(error)},
          next_attempt_at = date_trunc('milliseconds', now()) + ${lookInMs} * interval '1 millisecond'
      where id = ${id}::uuid and lease_token = ${leaseToken}
      returning id, next_attempt_at
    ), closed as (
      update delivery_attempts a
      set outcome = 'in_doubt', finished_at = now(), phase = ${phase}, error_code = ${errorCode}, error = ${outsideText(error)},
          latency_ms = ${latencyMs}
      from moved m
      where a.notification_id = m.id and a.n = ${n} and a.outcome is null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'resolver', ${reason}, ${storableJson(detail)}::text::jsonb from moved
    )
    select next_attempt_at as fence from moved`;
  return row?.fence ?? null;
}

/**
 * Leaves a doubt as it is until its next look, or for a person (`until` null). Waits without new information are not
 * written into the journal (`note` null).
 *
 * @returns whether the doubt was still unmoved.
 */
export async function deferDoubt(
  sql: Sql,
  { id, attempt_count: n, fence }: Pick<DoubtRow, 'id' | 'attempt_count' | 'fence'>,
  until: Date | null,
  note: ResolverNote | null,
): Promise<boolean> {
  const rows = await sql`
    with deferred as (
      update notifications set next_attempt_at = ${until}::timestamptz
      where id = ${id}::uuid and state = 'in_doubt' and attempt_count = ${n} and next_attempt_at = ${fence}
      returning id
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select id, 'in_doubt', 'resolver', ${note?.reason ?? ''}, ${storableJson(note?.detail ?? null)}::text::jsonb
      from deferred where ${note !== null}
    )
    select id from deferred`;
  return rows.length > 0;
}

/**
 * What the resolver writes into the journal with every decision. `decision` and `attempt` are read back by take-doubts.
 */
export interface ResolverNote {
  /** For people: what is done and why, with its evidence. */
  reason: string;
  detail: {
    decision: 'repeat' | 'wait' | 'mark_sent' | 'send_again' | 'hold' | 'give_up';
    attempt: number;
    provider: string;
    [field: string]: unknown;
  };
}
