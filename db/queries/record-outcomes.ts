import type { Channel } from '@carillon/core/channel';
import type { Lane } from '@carillon/core/lane';
import type { OutcomeClass, Phase } from '@carillon/core/outcome';
import type { State } from '@carillon/core/states';
import type { Sql } from 'postgres';

/** The end of one attempt: what the provider call came to and where the notification goes from here. */
export interface Ending {
  id: string;
  n: number;
  leaseToken: string;
  state: Extract<State, 'sent' | 'delivered' | 'retrying' | 'in_doubt' | 'failed' | 'dead' | 'pending'>;
  outcome: OutcomeClass;
  phase: Phase;
  provider: string;
  providerMessageId: string | null;
  errorCode: string | null;
  error: string | null;
  latencyMs: number;
  /** For `retrying`: milliseconds from now. */
  retryInMs: number | null;
  /** True when the attempt costs nothing (limit, quota, our own account): the try is given back. */
  refund: boolean;
  /** For `pending`: the next channel of the route and its lane. */
  nextChannel: Channel | null;
  nextLane: Lane | null;
  /** The message of a doubtful call to a class-A provider. */
  rendered: unknown;
}

/**
 * Records endings; one statement for the group. State moves only while the lease is still held. A late writer (its
 * lease ran out, rescue has called the attempt a doubt) changes no state: what it knows goes to the journal.
 *
 * @returns the ids whose state moved.
 */
export async function recordOutcomes(sql: Sql, endings: readonly Ending[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    with endings as materialized (
      select * from json_to_recordset(${JSON.stringify(endings)}::text::json) as e (
        id uuid, n smallint, "leaseToken" uuid, state text, outcome text, phase text, provider text,
        "providerMessageId" text, "errorCode" text, error text, "latencyMs" int, "retryInMs" int, refund boolean,
        "nextChannel" text, "nextLane" text, rendered jsonb
      )
    ), attempts as (
      update delivery_attempts a
      set finished_at = now(), outcome = e.outcome, phase = e.phase, provider = e.provider, error_code = e."errorCode",
          error = e.error, provider_message_id = e."providerMessageId", latency_ms = e."latencyMs", rendered = e.rendered
      from endings e
      where a.notification_id = e.id and a.n = e.n and a.finished_at is null
    ), moved as (
      update notifications n
      set state = e.state, lease_token = null, lease_until = null, updated_at = now(), provider = e.provider,
          provider_message_id = e."providerMessageId", error_code = e."errorCode", error = e.error,
          tries = n.tries - case when e.refund then 1 else 0 end,
          channel = coalesce(e."nextChannel", n.channel),
          next_attempt_at = now() + e."retryInMs" * interval '1 millisecond'
      from endings e
      where n.id = e.id and n.lease_token = e."leaseToken"
      returning n.id
    ), onward as (
      insert into outbox (lane, ids)
      select e."nextLane", array[e.id] from endings e join moved m on m.id = e.id where e."nextLane" is not null
    ), told as (
      insert into notification_history (notification_id, state, actor, reason, detail)
      select e.id, e.state, 'deliver',
        case when m.id is null then 'answer came after the lease had run out: state unchanged'
          else coalesce(e.error, e.outcome) end,
        json_build_object('outcome', e.outcome, 'code', e."errorCode", 'provider', e.provider, 'attempt', e.n,
          'provider_message_id', e."providerMessageId", 'retry_in_ms', e."retryInMs", 'next_channel', e."nextChannel")
      from endings e left join moved m on m.id = e.id
      where m.id is null or e.state not in ('sent', 'delivered')
    )
    select id from moved
  `;
  return new Set(rows.map((row) => row.id));
}
