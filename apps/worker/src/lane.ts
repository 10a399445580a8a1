import type { Environment } from '@carillon/core/environment';
import { type Lane, partsOf } from '@carillon/core/lane';
import type { Priority } from '@carillon/core/priority';
import type { Database } from '@carillon/db/client';
import { reviveByHand } from '@carillon/db/queries/revive-by-hand';
import type { RegisteredAccount } from '@carillon/providers/registry';
import { type Consumer, consume } from '@carillon/queue/consumer';
import type { Producer } from '@carillon/queue/producer';
import type { Breakers } from './breaker/breakers.ts';
import type { WorkerConfig } from './config.ts';
import { ableAccounts } from './deliver/able-accounts.ts';
import { createAdvance } from './deliver/advance.ts';
import { alternatives } from './deliver/alternatives.ts';
import type { CategoryBook } from './deliver/category-settings.ts';
import { createChoose } from './deliver/choose.ts';
import { createClaim } from './deliver/claim.ts';
import { createHandler } from './deliver/consume.ts';
import type { EmailLinks } from './deliver/email-links.ts';
import type { Gate } from './deliver/gate.ts';
import { createGuard } from './deliver/guard.ts';
import { keepOrder } from './deliver/keep-order.ts';
import { type Leases, UNRENEWED } from './deliver/leases.ts';
import { createPermit, type Limiter } from './deliver/permit.ts';
import { createRecord } from './deliver/record.ts';
import { createRender } from './deliver/render.ts';
import type { Seats } from './deliver/seats.ts';
import { createSend } from './deliver/send.ts';
import type { Steps } from './deliver/steps.ts';
import { watchedSend } from './deliver/watched-send.ts';
import type { Canary } from './maintain/canary.ts';
import type { Metrics } from './metrics.ts';
import type { WorkerSeams } from './seams.ts';

/** One lane of this process: the steps of its deliveries and the consumer that runs them. */
export interface LaneParts {
  lane: Lane;
  gate: Gate;
  config: WorkerConfig;
  db: Database;
  workerRedis: Parameters<typeof consume>[0]['connection'];
  producer: Producer;
  limiter: Limiter;
  seats: Seats;
  /** Live (account-book.ts). */
  accounts: readonly RegisteredAccount[];
  metrics: Metrics;
  watch: Canary;
  breakers: Breakers;
  categories: Pick<CategoryBook, 'settingsFor'>;
  links: EmailLinks;
  attach: Steps['attach'];
  seams: WorkerSeams;
  leases?: Leases;
  /** Aborted when the process stops. */
  stopping?: AbortSignal;
  /** Rings for the relays. */
  wake(priority: Priority): void;
  onError(error: unknown): void;
  /** Jobs of a newer release wait in the lane. */
  onNewer?(version: number): void;
}

/** Whoever is in a hurry sees its state at once; bulk is recorded by the hundred. */
const RECORDS_GATHER_MS: Readonly<Record<Priority, number>> = { critical: 0, normal: 0, bulk: 16 };

export function startLane(parts: LaneParts): Consumer {
  const {
    lane,
    gate,
    config,
    db,
    workerRedis,
    producer,
    limiter,
    seats,
    accounts,
    metrics,
    watch,
    breakers,
    categories,
    links,
    attach,
    seams,
    leases = UNRENEWED,
    stopping,
    wake,
    onError,
    onNewer,
  } = parts;
  const { channel, priority } = partsOf(lane);
  const able = ableAccounts(accounts);
  const firstFor = (environment: Environment): string =>
    accounts.find(
      ({ adapter, environments }) => adapter.channel === channel && environments.includes(environment),
    )?.id ?? 'none';
  const expected = { live: firstFor('live'), test: firstFor('test') };
  const steps: Steps = {
    claim: createClaim({ sql: db.sql, lane, leases, expectedProvider: () => ({ ...expected }), onError }),
    guard: createGuard({ sql: db.sql, onError }),
    render: createRender(db.sql, links),
    attach,
    choose: createChoose({
      sql: db.sql,
      ableAccounts: able,
      breakers,
      onChosen: (account, environment) => {
        expected[environment] = account.id;
      },
    }),
    permit: createPermit({
      limiter,
      seats,
      breakers,
      seatWaitMs: config.SEND_TIMEOUT_MS,
      ...(stopping ? { stopping } : {}),
    }),
    send: watchedSend(createSend(config.SEND_TIMEOUT_MS, leases), breakers),
    record: createRecord({
      sql: db.sql,
      leases,
      gatherMs: RECORDS_GATHER_MS[priority],
      alternativesTo: alternatives({ ableAccounts: able, breakers, categories }),
      onOutcome: (ending) => metrics.attempt(ending.provider, ending.outcome, ending.latencyMs),
    }),
  };
  const handle = createHandler({
    lane,
    steps: keepOrder(seams.steps(steps, lane), createAdvance({ sql: db.sql, wake, onError })),
    producer,
    gate,
    line: breakers.line,
    revive: (id) => reviveByHand(db.sql, id),
    onCanary: watch.seen,
    onError,
  });
  const consumer = consume({
    lane,
    connection: workerRedis,
    namespace: config.NAMESPACE,
    handle,
    onError,
    ...(onNewer ? { onNewer } : {}),
  });
  breakers.onLook(() => (breakers.rests(lane) ? consumer.pause() : consumer.resume()));
  return consumer;
}
