import type { Lane } from '@carillon/core/lane';
import type { OutcomeClass } from '@carillon/core/outcome';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What a worker tells Prometheus. Names follow its conventions: base units, `_total` for counters. */
export interface Metrics {
  registry: Registry;
  attempt(provider: string, outcome: OutcomeClass, latencyMs: number): void;
  published(lane: Lane, count: number): void;
  duty(name: string, count: number): void;
  dutyFailed(name: string): void;
  laneDepth(lane: Lane, waiting: number, delayed: number): void;
  canaryAge(lane: Lane, seconds: number): void;
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
  return {
    registry,
    attempt: (provider, outcome, latencyMs) => {
      attempts.inc({ provider, outcome });
      latency.observe({ provider }, latencyMs / 1000);
    },
    published: (lane, count) => published.inc({ lane }, count),
    duty: (service, count) => duties.inc({ service }, count),
    dutyFailed: (service) => failures.inc({ service }),
    laneDepth: (lane, waiting, delayed) => {
      depth.set({ lane, state: 'waiting' }, waiting);
      depth.set({ lane, state: 'delayed' }, delayed);
    },
    canaryAge: (lane, seconds) => age.set({ lane }, seconds),
  };
}
