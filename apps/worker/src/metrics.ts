import type { Lane } from '@carillon/core/notification/lane';
import { BREAKER_STATES, type BreakerState } from '@carillon/core/provider/breaker';
import type { OutcomeClass } from '@carillon/core/provider/outcome';
import type { StuckKind } from '@carillon/db/outbox/stuck';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The Prometheus metrics of a worker. Names follow its conventions: base units, `_total` for counters. */
export interface Metrics {
  registry: Registry;
  attempt(provider: string, outcome: OutcomeClass, latencyMs: number): void;
  published(lane: Lane, count: number): void;
  /** One try to deliver an event to an endpoint. */
  eventTried(result: 'delivered' | 'failed' | 'retried'): void;
  duty(name: string, count: number): void;
  dutyFailed(name: string): void;
  laneDepth(lane: Lane, waiting: number, delayed: number): void;
  canaryAge(lane: Lane, seconds: number): void;
  stuck(kind: StuckKind, count: number): void;
  doubtSettled(how: string): void;
  doubts(open: number, held: number): void;
  breaker(account: string, state: BreakerState): void;
  breakerMoved(account: string, to: BreakerState): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const attempts = new Counter({
    name: 'carillon_attempts_total',
    help: 'Provider calls by account and outcome class.',
    labelNames: ['provider', 'outcome'],
    registers,
  });
  const latency = new Histogram({
    name: 'carillon_provider_latency_seconds',
    help: 'Duration of provider calls.',
    labelNames: ['provider'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const published = new Counter({
    name: 'carillon_relay_published_total',
    help: 'Notifications moved from the outbox into lanes.',
    labelNames: ['lane'],
    registers,
  });
  const eventTries = new Counter({
    name: 'carillon_event_tries_total',
    help: 'Tries to bring events to endpoints, by result.',
    labelNames: ['result'],
    registers,
  });
  const duties = new Counter({
    name: 'carillon_maintenance_rows_total',
    help: 'Rows a maintenance service acted on.',
    labelNames: ['service'],
    registers,
  });
  const failures = new Counter({
    name: 'carillon_maintenance_failures_total',
    help: 'Turns of a maintenance service that failed.',
    labelNames: ['service'],
    registers,
  });
  const depth = new Gauge({
    name: 'carillon_lane_jobs',
    help: 'Jobs in a lane.',
    labelNames: ['lane', 'state'],
    registers,
  });
  const age = new Gauge({
    name: 'carillon_lane_canary_age_seconds',
    help: 'Seconds since a canary last came out of a lane in this process.',
    labelNames: ['lane'],
    registers,
  });
  const breaker = new Gauge({
    name: 'carillon_breaker_state',
    help: 'State of an account’s circuit breaker: 1 for the state it is in, 0 for the others.',
    labelNames: ['account', 'state'],
    registers,
  });
  const breakerMoves = new Counter({
    name: 'carillon_breaker_changes_total',
    help: 'Changes of circuit breakers made by this process; the sum over all processes is all of them.',
    labelNames: ['account', 'to'],
    registers,
  });
  const settled = new Counter({
    name: 'carillon_doubts_settled_total',
    help: 'Decisions that settled a doubt or handed it to a person (held).',
    labelNames: ['how'],
    registers,
  });
  const doubts = new Gauge({
    name: 'carillon_doubts_open',
    help: 'Notifications in doubt, by what they wait for: evidence or a person. The same in every process.',
    labelNames: ['waits_for'],
    registers,
  });
  const stuck = new Gauge({
    name: 'carillon_stuck_notifications',
    help: 'Stuck notifications: no process will move them although one should. Must be 0; counted by one process, 0 in the others: take the maximum.',
    labelNames: ['kind'],
    registers,
  });
  return {
    registry,
    attempt: (provider, outcome, latencyMs) => {
      attempts.inc({ provider, outcome });
      latency.observe({ provider }, latencyMs / 1000);
    },
    eventTried: (result) => eventTries.inc({ result }),
    published: (lane, count) => published.inc({ lane }, count),
    duty: (service, count) => duties.inc({ service }, count),
    dutyFailed: (service) => failures.inc({ service }),
    laneDepth: (lane, waiting, delayed) => {
      depth.set({ lane, state: 'waiting' }, waiting);
      depth.set({ lane, state: 'delayed' }, delayed);
    },
    canaryAge: (lane, seconds) => age.set({ lane }, seconds),
    stuck: (kind, count) => stuck.set({ kind }, count),
    doubtSettled: (how) => settled.inc({ how }),
    doubts: (open, held) => {
      doubts.set({ waits_for: 'evidence' }, open);
      doubts.set({ waits_for: 'person' }, held);
    },
    breaker: (account, current) => {
      for (const state of BREAKER_STATES) breaker.set({ account, state }, state === current ? 1 : 0);
    },
    breakerMoved: (account, to) => breakerMoves.inc({ account, to }),
  };
}
