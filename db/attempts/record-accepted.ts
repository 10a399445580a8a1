import type { Ending } from '@carillon/core/notification/attempt-end';
import type { Sql, TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import { countEnded } from '../origins/count-changes.ts';
import { asLookups } from './record-outcomes.ts';

/**
 * Records the outcomes of nearly all groups: the provider accepted every message of the group, and there is nothing
 * else to record. The two updates of `recordOutcomes` without what only other outcomes need; planning that is half of a
 * statement's cost apart from its rows.
 *
 * A group with notifications of an origin also counts them.
 *
 * @param endings all `accepted`.
 * @returns the ids whose state moved. The others' leases were lost: for the journal, give those to `recordOutcomes`.
 */
export async function recordAccepted(
  sql: Sql | TransactionSql,
  endings: readonly Ending[],
): Promise<Set<string>> {
  const counts = endings.some(({ ofOrigin }) => ofOrigin);
  const rows = await sql<{ id: string }[]>`
    with endings as materialized (
      select * from json_to_recordset(${storableJson(endings)}::text::json) as e (
        id uuid, n smallint, "leaseToken" uuid, state text, outcome text, phase text, provider text,
        "providerMessageId" text, "latencyMs" int
      )
      where ${asLookups(sql)}
    ), attempts as (
      update delivery_attempts a
      set finished_at = now(), outcome = e.outcome, phase = e.phase, provider = e.provider,
          provider_message_id = e."providerMessageId", latency_ms = e."latencyMs"
      from endings e
      where a.notification_id = e.id and a.n = e.n and a.outcome is null
    )${counts ? sql`, moved as (` : sql``}
    update notifications n
    set state = e.state, lease_token = null, lease_until = null, updated_at = now(), provider = e.provider,
        provider_message_id = e."providerMessageId", error_code = null, error = null, tried = null, next_attempt_at = null
    from endings e
    where n.id = e.id and n.lease_token = e."leaseToken"
    returning n.id${counts ? sql`, n.origin_id, n.origin_variant, n.state), ${countEnded(sql)} select id from moved` : sql``}
  `;
  return new Set(rows.map((row) => row.id));
}
