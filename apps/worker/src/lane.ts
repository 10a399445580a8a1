import { type Lane, partsOf } from '@carillon/core/lane';
import type { Database } from '@carillon/db/client';
import { reviveByHand } from '@carillon/db/queries/revive-by-hand';
import type { RegisteredAccount } from '@carillon/providers/registry';
import { type Consumer, consume } from '@carillon/queue/consumer';
import type { Producer } from '@carillon/queue/producer';
import type { WorkerConfig } from './config.ts';
import { createChoose } from './deliver/choose.ts';
import { createClaim } from './deliver/claim.ts';
import { createHandler } from './deliver/consume.ts';
import type { Gate } from './deliver/gate.ts';
import { guard } from './deliver/guard.ts';
import { createPermit, type Limiter } from './deliver/permit.ts';
import { createRecord } from './deliver/record.ts';
import { createRender } from './deliver/render.ts';
import { createSend } from './deliver/send.ts';
import type { Steps } from './deliver/steps.ts';
import type { Canary } from './maintain/canary.ts';
import type { Metrics } from './metrics.ts';

/** One lane of this process: the steps of its deliveries and the consumer that runs them. */
export interface LaneParts {
  lane: Lane;
  gate: Gate;
  config: WorkerConfig;
  db: Database;
  workerRedis: Parameters<typeof consume>[0]['connection'];
  producer: Producer;
  limiter: Limiter;
  accounts: readonly RegisteredAccount[];
  metrics: Metrics;
  watch: Canary;
  onError(error: unknown): void;
}

export function startLane(parts: LaneParts): Consumer {
  const { lane, gate, config, db, workerRedis, producer, limiter, accounts, metrics, watch, onError } = parts;
  const { channel } = partsOf(lane);
  const ofChannel = accounts
    .filter((account) => account.adapter.channel === channel)
    .sort((a, b) => a.order - b.order);
  let expected = ofChannel[0]?.id ?? 'none';
  const steps: Steps = {
    claim: createClaim({ sql: db.sql, lane, expectedProvider: () => expected }),
    guard,
    render: createRender(db.sql),
    choose: createChoose({
      sql: db.sql,
      accountsOf: (_, environment) =>
        ofChannel.filter((account) => account.environments.includes(environment)),
      onChosen: (account) => {
        expected = account.id;
      },
    }),
    permit: createPermit(limiter),
    send: createSend(config.SEND_TIMEOUT_MS),
    record: createRecord({
      sql: db.sql,
      onOutcome: (ending) => metrics.attempt(ending.provider, ending.outcome, ending.latencyMs),
    }),
  };
  const handle = createHandler({
    lane,
    steps,
    producer,
    gate,
    revive: (id) => reviveByHand(db.sql, id),
    onCanary: watch.seen,
    onError,
  });
  return consume({ lane, connection: workerRedis, namespace: config.NAMESPACE, handle, onError });
}
