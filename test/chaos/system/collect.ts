import type { Sql } from 'postgres';
import type { Asked, Attempt, Evidence, FaultRecord, HistoryEntry, Row } from '../judge/evidence.ts';
import { ENVIRONMENTS_OF } from './accounts.ts';
import type { Simulator } from './simulator.ts';

/** Collects the evidence when a run has settled. */
export async function collectEvidence(
  sql: Sql,
  simulator: Simulator,
  asked: readonly Asked[],
  faults: readonly FaultRecord[],
  forged: Evidence['forged'] = { taken: 0, refused: 0 },
): Promise<Evidence> {
  const ms = (column: string) => sql.unsafe(`(extract(epoch from ${column}) * 1000)::float8`);
  const rows = await sql<Row[]>`
    select id, state, priority, provider, ${ms('created_at')} as "createdAt", ordering_key as "orderingKey", error,
      state = 'in_doubt' and next_attempt_at is null as "isHeld"
    from notifications`;
  const attempts = await sql<Attempt[]>`
    select notification_id as "notificationId", n, provider as account, outcome,
      ${ms('finished_at')} - latency_ms as "calledAt"
    from delivery_attempts order by notification_id, n`;
  // The timeline of the product is made of both; see apps/api/src/routes/notifications/timeline.ts.
  const history = await sql<HistoryEntry[]>`
    select * from (
      select notification_id as "notificationId", ${ms('at')} as at, state, actor, reason, detail, id as place
      from notification_history
      union all
      select notification_id, ${ms('applied_at')}, body ->> 'moved_to', 'receipts', kind, null, null
      from provider_logs where body ->> 'moved_to' is not null
    ) as timeline
    order by at, place nulls last`;
  const inbox = await sql<{ id: string }[]>`select notification_id as id from inbox_messages`;
  const [outbox] = await sql<[{ left: number }]>`
    select count(*)::int as left from outbox where kind like 'delivery.%'`;
  return {
    asked,
    ledger: await simulator.ledger(),
    rows,
    attempts,
    history,
    inbox: new Set(inbox.map(({ id }) => id)),
    outboxLeft: outbox.left,
    auditBrokenAt: await firstBrokenAuditRow(sql),
    faults,
    accounts: ENVIRONMENTS_OF,
    forged,
    now: Date.now(),
  };
}

/** Recomputes the chain from the rows alone. */
async function firstBrokenAuditRow(sql: Sql): Promise<string | null> {
  const [broken] = await sql<{ id: string }[]>`
    select id::text from (
      select id, hash, sha256(
        coalesce(lag(hash) over (order by id), '\\x'::bytea)
        || convert_to(concat_ws('|', id, extract(epoch from at), app_id, actor, action, subject, detail::text), 'UTF8')
      ) as computed
      from audit_log
    ) as chain
    where hash <> computed order by id limit 1`;
  return broken?.id ?? null;
}
