import { PRIORITIES, type Priority } from '@carillon/core/priority';
import type { RegisteredAccount } from '@carillon/providers/registry';
import type { Sql } from 'postgres';
import type { Breakers } from '../breaker/breakers.ts';
import { ableAccounts } from '../deliver/able-accounts.ts';
import { alternatives } from '../deliver/alternatives.ts';
import type { CategoryBook } from '../deliver/category-settings.ts';
import type { EmailLinks } from '../deliver/email-links.ts';
import { createGuard } from '../deliver/guard.ts';
import type { Leases } from '../deliver/leases.ts';
import { createPermit, type Limiter } from '../deliver/permit.ts';
import { createRecord } from '../deliver/record.ts';
import { createRender } from '../deliver/render.ts';
import type { Seats } from '../deliver/seats.ts';
import { createSend } from '../deliver/send.ts';
import type { Steps } from '../deliver/steps.ts';
import { watchedSend } from '../deliver/watched-send.ts';
import type { Metrics } from '../metrics.ts';
import type { Duty } from '../service.ts';
import type { ResolveDeps } from './resolve/deps.ts';
import { resolve } from './resolve.ts';

export interface ResolversOptions {
  sql: Sql;
  accounts: readonly RegisteredAccount[];
  limiter: Limiter;
  seats: Seats;
  breakers: Breakers;
  categories: CategoryBook;
  metrics: Metrics;
  sendTimeoutMs: number;
  links: EmailLinks;
  attach: Steps['attach'];
  leases: Leases;
  /** Aborted when the process stops. */
  stopping: AbortSignal;
  wake(priority: Priority): void;
  onError(error: unknown): void;
}

/** A look must be over before its doubt counts as left (resolve.ts); it comes again. */
const SEAT_WAIT_MS = 2000;

/** The resolver duties of a worker process, one per priority, with the steps of an ordinary delivery. */
export function resolvers(options: ResolversOptions): Duty[] {
  const { sql, accounts, limiter, breakers, categories, metrics, sendTimeoutMs, leases, stopping } = options;
  const { seats, links, attach, wake, onError } = options;
  const able = ableAccounts(accounts);
  const steps: ResolveDeps['steps'] = {
    guard: createGuard({ sql, onError }),
    render: createRender(sql, links),
    attach,
    permit: createPermit({ limiter, seats, breakers, seatWaitMs: SEAT_WAIT_MS, stopping }),
    send: watchedSend(createSend(sendTimeoutMs, leases), breakers),
    record: createRecord({
      sql,
      leases,
      alternativesTo: alternatives({ ableAccounts: able, breakers, categories }),
      onOutcome: (ending) => metrics.attempt(ending.provider, ending.outcome, ending.latencyMs),
    }),
  };
  const deps: ResolveDeps = {
    sql,
    accounts,
    ableAccounts: able,
    categories,
    steps,
    leases,
    admits: breakers.admits,
    left: breakers.line.leave,
    wake,
    onSettled: metrics.doubtSettled,
    onError,
  };
  return PRIORITIES.map((priority) => resolve({ ...deps, stopping, priorities: [priority] }));
}
