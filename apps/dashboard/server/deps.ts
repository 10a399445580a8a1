import type { Clock } from '@carillon/core/notification/deadline';
import type { Lane } from '@carillon/core/notification/lane';
import type { Log } from '@carillon/core/program/log';
import type { ServerStates } from '@carillon/core/program/server-looks';
import type { StaffMember } from '@carillon/db/staff/sessions';
import type { LaneQueue } from '@carillon/queue/lane-queue';
import type { Sql } from 'postgres';
import type { DashboardConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Auth } from './staff/auth.ts';

/** The dependencies of routes and middleware, which never open connections or read the environment. */
export interface DashboardDeps {
  config: DashboardConfig;
  sql: Sql;
  /** Signs people in. A function, because a free port is known only once it listens. */
  auth(): Auth;
  /** Milliseconds after which a request is answered 503; the default keeps the promise of 6 s. */
  deadlineMs?: number;
  /** For GET /readyz. */
  servers: { look(): Promise<ServerStates> };
  queues: ReadonlyMap<Lane, LaneQueue>;
  metrics: Metrics;
  log: Log;
}

export interface DashboardEnv {
  Variables: {
    /** The time left to answer this request. */
    clock: Clock;
    /** Set by requireSession. */
    staff: StaffMember;
  };
}
