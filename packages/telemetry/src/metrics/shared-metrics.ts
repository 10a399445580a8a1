import type { ServerStates } from '@carillon/core/program/server-looks';
import type { ProgramMetrics } from './program-metrics.ts';
import type { Program } from './row.ts';

/** How many connections the pools of a process use and may use. */
export interface Connections {
  inUse: number;
  max: number;
}

/** What every program reports in the same way. */
export interface SharedMetrics {
  /** The result of a check of the servers. One that is not configured has no sample. */
  servers(states: Pick<ServerStates, 'postgres' | 'redis'>): void;
  connections(count: () => Connections): void;
  /** @param read lines that were counted instead of written, by level, since the process started. */
  logSuppressed(read: () => Readonly<Record<string, number>>): void;
  /** @param read spans that were dropped since the process started. */
  tracesDropped(read: () => number): void;
}

export function sharedMetrics(given: ProgramMetrics<Program>): SharedMetrics {
  const up = given.gauge('carillon_server_up');
  return {
    servers: ({ postgres, redis }) => {
      up.set({ server: 'postgres' }, postgres === 'ok' ? 1 : 0);
      if (redis !== 'not_configured') up.set({ server: 'redis' }, redis === 'ok' ? 1 : 0);
    },
    connections: (count) => {
      given.readBy('carillon_database_connections_in_use', () => [{ labels: {}, value: count().inUse }]);
      given.readBy('carillon_database_connections_max', () => [{ labels: {}, value: count().max }]);
    },
    logSuppressed: (read) =>
      given.readBy('carillon_log_suppressed_total', () =>
        Object.entries(read()).map(([level, value]) => ({ labels: { level }, value })),
      ),
    tracesDropped: (read) =>
      given.readBy('carillon_traces_dropped_total', () => [{ labels: {}, value: read() }]),
  };
}
