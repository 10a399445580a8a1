import type { Lane } from '@carillon/core/lane';
import type { StaffMember } from '@carillon/db/queries/staff-find-session';
import type { LaneQueue } from '@carillon/queue/lane-queue';
import type { Sql } from 'postgres';
import type { DashboardConfig } from './config.ts';

/** What pages and middleware are given. They never open connections or read the environment. */
export interface DashboardDeps {
  config: Pick<DashboardConfig, 'NODE_ENV' | 'SESSION_HOURS' | 'ENCRYPTION_KEYS' | 'PUBLIC_BASE_URL'>;
  sql: Sql;
  /** Rings the relays after a commit that wrote outbox rows. */
  waker: { wake(priority: 'critical' | 'normal' | 'bulk'): void };
  queues: ReadonlyMap<Lane, LaneQueue>;
  log(message: string, fields?: Record<string, unknown>): void;
}

export interface DashboardEnv {
  Variables: {
    /** Set behind requireSession. */
    staff: StaffMember;
    /** The value every form of this session must carry. */
    formToken: string;
  };
}
