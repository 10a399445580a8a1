import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { Sql } from 'postgres';
import { type BreakerRow, breakerColumns } from '../breakers/breakers.ts';

/** What the calls of the last minutes say about an account. */
export interface MeasuredCalls {
  outcomes: Partial<Record<OutcomeClass, number>>;
  /** Calls that ended in the last minute. */
  lastMinute: number;
  /** Of the calls that were answered, in ms; null if none was. */
  p50: number | null;
  p95: number | null;
  /** The last call that was not accepted; null if all were. */
  lastError: { at: Date; outcome: OutcomeClass; code: string | null; text: string | null } | null;
}

export interface AccountHealth {
  calls: MeasuredCalls;
  /** Null until a worker has registered the account. */
  breaker: BreakerRow | null;
}

const NO_CALLS: MeasuredCalls = { outcomes: {}, lastMinute: 0, p50: null, p95: null, lastError: null };

/** @param measured what `measureCalls` found, perhaps seconds ago; breakers are read now. */
export async function readAccountHealth(
  sql: Sql,
  measured: ReadonlyMap<string, MeasuredCalls>,
): Promise<(account: string) => AccountHealth> {
  const breakers = await sql<BreakerRow[]>`select ${breakerColumns(sql)} from circuit_breakers`;
  const byAccount = new Map(breakers.map((each) => [each.account, each]));
  return (account) => ({ calls: measured.get(account) ?? NO_CALLS, breaker: byAccount.get(account) ?? null });
}

/** Reads the calls that ended within the window, by account, along delivery_attempts_by_end. */
export async function measureCalls(sql: Sql, windowSeconds: number): Promise<Map<string, MeasuredCalls>> {
  const rows = await sql<(MeasuredCalls & { account: string })[]>`
    with ended as materialized (
      select provider, outcome, finished_at, latency_ms, phase, error_code, error from delivery_attempts
      where finished_at >= now() - ${windowSeconds} * interval '1 second'
    ), counted as (
      select provider, outcome, count(*)::int as calls from ended group by provider, outcome
    ), failed as (
      select distinct on (provider) provider, finished_at, outcome, error_code, error from ended
      where outcome <> 'accepted' order by provider, finished_at desc
    )
    select e.provider as account,
      (select jsonb_object_agg(c.outcome, c.calls) from counted c where c.provider = e.provider) as outcomes,
      (count(*) filter (where e.finished_at >= now() - interval '1 minute'))::int as "lastMinute",
      percentile_cont(0.5) within group (order by e.latency_ms) filter (where e.phase = 'answered') as p50,
      percentile_cont(0.95) within group (order by e.latency_ms) filter (where e.phase = 'answered') as p95,
      (select jsonb_build_object('at', f.finished_at, 'outcome', f.outcome, 'code', f.error_code, 'text', f.error)
        from failed f where f.provider = e.provider) as "lastError"
    from ended e group by e.provider`;
  return new Map(rows.map(({ account, ...calls }) => [account, calls]));
}
