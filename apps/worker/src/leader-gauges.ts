import type { MeasuredParts } from '@carillon/db/overview/read-measured';
import type { ProgramMetrics } from '@carillon/telemetry/metrics/program-metrics';

/** Gauges of what all processes share; one process measures and exports them. */
export interface LeaderGauges {
  /** Null: Redis could not be asked, or another process measures. Then the gauges are absent rather than old. */
  redis(measured: MeasuredParts['redis'] | null): void;
  /** Null: as for Redis. */
  postgres(measured: MeasuredParts['postgres'] | null): void;
}

export function leaderGauges(made: ProgramMetrics<'worker'>): LeaderGauges {
  const jobs = made.gauge('carillon_lane_jobs');
  const oldest = made.gauge('carillon_lane_oldest_seconds');
  const memory = made.gauge('carillon_redis_memory_bytes');
  const rows = made.gauge('carillon_outbox_rows');
  const lag = made.gauge('carillon_relay_lag_seconds');
  const open = made.gauge('carillon_doubts_open');
  const doubtAge = made.gauge('carillon_doubts_oldest_seconds');
  const dead = made.gauge('carillon_dead_notifications');
  const events = made.gauge('carillon_events_pending');
  return {
    redis: (measured) => {
      if (measured === null) {
        for (const gauge of [jobs, oldest, memory]) gauge.clear();
        return;
      }
      for (const { lane, oldestSeconds, waiting, delayed, active, failed } of measured.lanes) {
        for (const [state, count] of Object.entries({ waiting, delayed, active, failed }))
          jobs.set({ lane, state }, count);
        oldest.set({ lane }, oldestSeconds);
      }
      memory.set({ kind: 'used' }, measured.usedBytes);
      memory.set({ kind: 'max' }, measured.maxBytes);
    },
    postgres: (measured) => {
      if (measured === null) {
        for (const gauge of [rows, lag, open, doubtAge, dead, events]) gauge.clear();
        return;
      }
      for (const { lane, known, unknown, lagSeconds } of measured.outbox) {
        rows.set({ lane, version: 'known' }, known);
        rows.set({ lane, version: 'unknown' }, unknown);
        lag.set({ lane }, lagSeconds);
      }
      for (const { waitsFor, count, oldestSeconds } of measured.doubts) {
        open.set({ waits_for: waitsFor }, count);
        doubtAge.set({ waits_for: waitsFor }, oldestSeconds);
      }
      dead.set({}, measured.dead);
      events.set({}, measured.eventsPending);
    },
  };
}
