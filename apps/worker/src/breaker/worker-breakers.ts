import type { Log } from '@carillon/core/program/log';
import type { Breaker, BreakerState } from '@carillon/core/provider/breaker';
import { createBreakerCounter } from '@carillon/limiter/breaker-counts';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { RedisClient } from '@carillon/queue/connection';
import type { Sql } from 'postgres';
import { probe } from '../maintenance/probe.ts';
import type { Metrics } from '../metrics.ts';
import type { Duty } from '../service.ts';
import { type Breakers, createBreakers } from './breakers.ts';

export interface WorkerBreakersOptions {
  sql: Sql;
  /** Must not queue commands while Redis is away. */
  redis: RedisClient;
  namespace: string;
  accounts: readonly ProviderAccount[];
  metrics: Metrics;
  log: Log;
}

/**
 * The breakers of a worker process and the duty that probes open ones, both logged and counted. Resolves after the
 * first read of the breakers, so that a worker that starts during an outage does not begin by calling accounts that are
 * down.
 */
export async function workerBreakers(
  options: WorkerBreakersOptions,
): Promise<{ breakers: Breakers; probing: Duty }> {
  const { sql, redis, namespace, accounts, metrics, log } = options;
  const onChange = ({ account, state }: Breaker, move: { to: BreakerState; reason: string }): void => {
    const { to, reason } = move;
    metrics.breakerMoved(account, to);
    const fields = { account, from: state, to, reason };
    if (to === 'open') log.error('a breaker opened', fields);
    else log.info('a breaker moved', fields);
  };
  const onError = (error: unknown): void =>
    log.warn('work failed and will be tried again', { work: 'breakers', error });
  const breakers = createBreakers({
    sql,
    counter: createBreakerCounter({ redis, namespace }),
    accounts,
    onState: metrics.breaker,
    onChange,
    onError,
  });
  // PostgreSQL may be away; then no claim is possible either, and the duty looks again later.
  await breakers.duty.runOnce().catch(onError);
  return { breakers, probing: probe({ sql, accounts, isOpen: breakers.isOpen, onChange }) };
}
