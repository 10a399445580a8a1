import { setTimeout as pause } from 'node:timers/promises';
import { MAX_CAP_WINDOW_SECONDS } from '@carillon/core/notification/caps';
import { pruneBulkActions } from '@carillon/db/bulk/run-bulk-action';
import {
  COUNTS_DAYS,
  pruneAudiences,
  pruneCampaigns,
  pruneOrigins,
} from '@carillon/db/campaigns/prune-campaigns';
import { pruneImports } from '@carillon/db/imports/imports';
import { pruneInboxMessages } from '@carillon/db/inbox/prune-messages';
import { pruneNotifications } from '@carillon/db/notifications/retention';
import { pruneCapUses } from '@carillon/db/preferences/caps';
import { pruneProviderLogs } from '@carillon/db/receipts/store-receipts';
import { pruneRequests } from '@carillon/db/request-log/write-request-log';
import { pruneStaffSessions } from '@carillon/db/staff/sessions';
import { pruneEvents } from '@carillon/db/webhooks/events';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { windows } from './windows.ts';

/**
 * Retention: removes rows that are final and old. Some hundred rows a statement, the oldest first, never working more
 * than half of the time and never long at once, so that deliveries are not slowed and a stop does not wait for it.
 * Several nodes share the work through row locks. Removing a notification also frees its idempotency key.
 */
export interface PruneOptions {
  sql: Sql;
  retentionDays: number;
  inboxRetentionDays: number;
  now?(): number;
  /** A turn starts nothing new after this time. */
  budgetMs?: number;
}

const DAY_MS = 24 * 60 * 60_000;
const BATCH = 500;
const WINDOW_MS = 60 * 60_000;

/** Rows that could not be removed in their turn (not final yet, changed late, locked) are checked again this often. */
const AGAIN_EVERY_MS = 6 * 60 * 60_000;

/** Pages of the inbox table (of 8 KiB) read in a turn. */
const INBOX_PAGES = 1000;

/** The request log tells of the last day. */
const REQUEST_LOG_MS = DAY_MS;

/** Imports can be resumed, and their errors read, for so long after their last change; not longer than messages. */
const IMPORTS_DAYS = 30;

/** The longest window a cap can have, and a day for clock differences. */
const CAP_USES_MS = MAX_CAP_WINDOW_SECONDS * 1000 + DAY_MS;

export function prune({
  sql,
  retentionDays,
  inboxRetentionDays,
  now = Date.now,
  budgetMs = 2000,
}: PruneOptions): Duty {
  /** The position of the walk through the notifications, and when it last began. */
  let at = 0;
  let beganAt = now();
  let inboxPage = 0;
  let turn = 0;
  const ago = (ms: number) => new Date(now() - ms);

  async function* oldNotifications(): AsyncGenerator<number> {
    const before = ago(retentionDays * DAY_MS);
    if (now() - beganAt > AGAIN_EVERY_MS) [at, beganAt] = [0, now()];
    for await (const window of windows(sql, [at, before.getTime()], WINDOW_MS)) {
      at = window.from.getTime();
      for (let count = BATCH; count === BATCH; yield count)
        count = await pruneNotifications(sql, window, before, BATCH);
      at = window.to.getTime();
    }
  }

  async function* oldInboxMessages(): AsyncGenerator<number> {
    const before = ago(inboxRetentionDays * DAY_MS);
    const end = inboxPage + INBOX_PAGES;
    for (let full = true; full; ) {
      const { count, pages } = await pruneInboxMessages(sql, before, inboxPage, end, BATCH);
      full = count === BATCH;
      if (!full) inboxPage = end < pages ? end : 0;
      yield count;
    }
  }

  async function* repeated(batch: () => Promise<number>): AsyncGenerator<number> {
    for (let count = BATCH; count === BATCH; yield count) count = await batch();
  }

  const parts: (() => AsyncGenerator<number>)[] = [
    oldNotifications,
    oldInboxMessages,
    () => repeated(() => pruneEvents(sql, ago(retentionDays * DAY_MS), BATCH)),
    () => repeated(() => pruneProviderLogs(sql, ago(retentionDays * DAY_MS), BATCH)),
    () => repeated(() => pruneCapUses(sql, ago(CAP_USES_MS), BATCH)),
    () => repeated(() => pruneStaffSessions(sql)),
    () => repeated(() => pruneRequests(sql, ago(REQUEST_LOG_MS), BATCH)),
    () => repeated(() => pruneBulkActions(sql, ago(retentionDays * DAY_MS), BATCH)),
    () => repeated(() => pruneAudiences(sql, ago(retentionDays * DAY_MS), BATCH)),
    () => repeated(() => pruneOrigins(sql, ago(retentionDays * DAY_MS), BATCH)),
    () => repeated(() => pruneCampaigns(sql, ago(COUNTS_DAYS * DAY_MS), BATCH)),
    () => repeated(() => pruneImports(sql, ago(Math.min(IMPORTS_DAYS, retentionDays) * DAY_MS), BATCH)),
  ];

  return {
    name: 'prune',
    everyMs: 5000,
    async runOnce() {
      const endsAt = performance.now() + budgetMs;
      // Each kind goes first in its turn: a large amount of one kind leaves time for the others.
      const first = turn++ % parts.length;
      let total = 0;
      for (const part of [...parts.slice(first), ...parts.slice(0, first)]) {
        let begun = performance.now();
        for await (const count of part()) {
          total += count;
          if (performance.now() > endsAt) return total;
          await pause(performance.now() - begun);
          begun = performance.now();
        }
      }
      return total;
    },
  };
}
