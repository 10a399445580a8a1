import type { Clock } from '@carillon/core/notification/deadline';
import type { Lane } from '@carillon/core/notification/lane';
import type { Log } from '@carillon/core/program/log';
import type { ServerStates } from '@carillon/core/program/server-looks';
import type { Renderer } from '@carillon/core/template/render/budgeted-render';
import type { StaffMember } from '@carillon/db/staff/sessions';
import type { LaneQueue } from '@carillon/queue/lane-queue';
import type { Sql } from 'postgres';
import type { DashboardConfig } from './config.ts';
import type { Metrics } from './metrics.ts';

/** The dependencies of pages and middleware, which never open connections or read the environment. */
export interface DashboardDeps {
  config: Pick<
    DashboardConfig,
    | 'NODE_ENV'
    | 'METRICS_TOKEN'
    | 'SESSION_HOURS'
    | 'ENCRYPTION_KEYS'
    | 'PUBLIC_BASE_URL'
    | 'TRUSTED_PROXIES'
    | 'WEBHOOKS_ALLOW_PRIVATE'
  >;
  sql: Sql;
  /** Milliseconds after which a page is answered 503; the default keeps the promise of 6 s. */
  deadlineMs?: number;
  /** Wakes the relays after a commit that wrote outbox rows. */
  waker: { wake(priority: 'critical' | 'normal' | 'bulk'): void };
  /** For GET /readyz. */
  servers: { look(): Promise<ServerStates> };
  /** Renders sent content; heavy templates on another thread. */
  render: Renderer;
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
    /** The token of every form in this session. */
    formToken: string;
  };
}
