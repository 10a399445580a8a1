import type { OnEntered } from '@carillon/core/notification/entered';
import type { Lane } from '@carillon/core/notification/lane';
import { BREAKER_STATES, type BreakerState } from '@carillon/core/provider/breaker';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { StuckKind } from '@carillon/db/outbox/stuck';
import { notificationCounter } from '@carillon/telemetry/metrics/notification-counter';
import { createProgramMetrics } from '@carillon/telemetry/metrics/program-metrics';
import { type ReceiptMetrics, receiptMetrics } from '@carillon/telemetry/metrics/receipt-metrics';
import { type SharedMetrics, sharedMetrics } from '@carillon/telemetry/metrics/shared-metrics';
import type { Registry } from 'prom-client';
import type { DeliveryReport } from './deliver/report.ts';
import { type LeaderGauges, leaderGauges } from './leader-gauges.ts';

/** The metrics of a worker: thin functions over the table in packages/telemetry. */
export interface Metrics extends SharedMetrics {
  registry: Registry;
  attempt(provider: string, outcome: OutcomeClass, latencyMs: number): void;
  published(lane: Lane, count: number): void;
  /** One try to deliver an event to an endpoint. */
  eventTried(result: 'delivered' | 'failed' | 'retried'): void;
  /** An endpoint accepted an event this many seconds after its creation. */
  eventDelivered(seconds: number): void;
  duty(name: string, count: number): void;
  dutyFailed(name: string): void;
  canaryAges(lanes: readonly Lane[], ageSeconds: (lane: Lane) => number): void;
  stuck(kind: StuckKind, count: number): void;
  /** @param at the monotonic time of a complete turn of the audit, in ms; null: this process does not audit. */
  audited(at: number | null): void;
  doubtSettled(how: string): void;
  restoreUnderReview(is: boolean): void;
  breaker(account: string, state: BreakerState): void;
  breakerMoved(account: string, to: BreakerState): void;
  entered: OnEntered;
  receipts: ReceiptMetrics;
  delivery: DeliveryReport;
  /** Measured from time to time by the process that leads. */
  leader: LeaderGauges;
}

export function createMetrics(): Metrics {
  const made = createProgramMetrics('worker');
  const attempts = made.counter('carillon_attempts_total');
  const latency = made.histogram('carillon_provider_latency_seconds');
  const published = made.counter('carillon_relay_published_total');
  const eventTries = made.counter('carillon_event_tries_total');
  const eventSeconds = made.histogram('carillon_event_delivery_seconds');
  const duties = made.counter('carillon_maintenance_rows_total');
  const failures = made.counter('carillon_maintenance_failures_total');
  const stuck = made.gauge('carillon_stuck_notifications');
  const settled = made.counter('carillon_doubts_settled_total');
  const restored = made.gauge('carillon_restore_under_review');
  const breakers = made.gauge('carillon_breaker_state');
  const breakerMoves = made.counter('carillon_breaker_changes_total');
  const retries = made.counter('carillon_retries_total');
  const deliverySeconds = made.histogram('carillon_delivery_seconds');
  const limiterWait = made.histogram('carillon_limiter_wait_seconds');
  const deferred = made.counter('carillon_limiter_deferred_total');
  const groupSize = made.histogram('carillon_group_commit_size');
  const groupSeconds = made.histogram('carillon_group_commit_seconds');
  const entered = notificationCounter(made.counter('carillon_notifications_total'));
  let auditedAt: number | null = null;
  made.readBy('carillon_stuck_audit_age_seconds', () =>
    auditedAt === null ? [] : [{ labels: {}, value: (performance.now() - auditedAt) / 1000 }],
  );
  return {
    registry: made.registry,
    ...sharedMetrics(made),
    attempt: (provider, outcome, latencyMs) => {
      attempts.inc({ provider, outcome });
      latency.observe({ provider }, latencyMs / 1000);
    },
    published: (lane, count) => published.inc({ lane }, count),
    eventTried: (result) => eventTries.inc({ result }),
    eventDelivered: (seconds) => eventSeconds.observe({}, seconds),
    duty: (service, count) => duties.inc({ service }, count),
    dutyFailed: (service) => failures.inc({ service }),
    canaryAges: (lanes, ageSeconds) =>
      made.readBy('carillon_lane_canary_age_seconds', () =>
        lanes.map((lane) => ({ labels: { lane }, value: ageSeconds(lane) })),
      ),
    stuck: (kind, count) => stuck.set({ kind }, count),
    audited: (at) => {
      auditedAt = at;
    },
    restoreUnderReview: (is) => restored.set({}, is ? 1 : 0),
    doubtSettled: (how) => settled.inc({ how }),
    breaker: (account, current) => {
      for (const state of BREAKER_STATES) breakers.set({ account, state }, state === current ? 1 : 0);
    },
    breakerMoved: (account, to) => breakerMoves.inc({ account, to }),
    entered,
    receipts: receiptMetrics(made.counter('carillon_receipts_applied_total'), entered),
    delivery: {
      entered,
      retried: ({ provider, channel, priority }) => retries.inc({ provider, channel, priority }),
      accepted: ({ channel, priority }, seconds) => deliverySeconds.observe({ channel, priority }, seconds),
      permit: (provider, seconds, granted) => {
        limiterWait.observe({ provider }, seconds);
        if (!granted) deferred.inc({ provider });
      },
      groupsOf: (statement) => (size, seconds) => {
        groupSize.observe({ statement }, size);
        groupSeconds.observe({ statement }, seconds);
      },
    },
    leader: leaderGauges(made),
  };
}
