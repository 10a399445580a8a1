import { campaignsToAudit } from '@carillon/db/campaigns/progress';
import { auditCounts, type CountDifference } from '@carillon/db/origins/audit-counts';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

export interface CountAuditOptions {
  /** For statements over many rows. */
  sets: Sql;
  stopping: AbortSignal;
  /** Logged: after an upgrade has ended it must not happen. */
  onFound(campaignId: string, differences: readonly CountDifference[]): void;
  /** Monotonic, in milliseconds. */
  now?(): number;
}

/** A running campaign is compared this often; one that has ended, once. */
const AGAIN_MS = 10 * 60_000;

/**
 * Compares the counts of campaigns with their notifications and corrects them. A worker of a release without campaigns
 * that runs beside this one during an upgrade ends notifications without counting them.
 */
export function countAudit({
  sets,
  stopping,
  onFound,
  now = () => performance.now(),
}: CountAuditOptions): Duty {
  const audited = new Map<string, number>();
  return {
    name: 'campaign-audit',
    everyMs: 60_000,
    restTimes: 20,
    async runOnce() {
      let found = 0;
      const campaigns = await campaignsToAudit(sets, AGAIN_MS * 2);
      for (const id of audited.keys()) if (!campaigns.some((each) => each.id === id)) audited.delete(id);
      for (const { id, isOver } of campaigns) {
        if (stopping.aborted) break;
        const last = audited.get(id);
        if (last !== undefined && (isOver ? last === ENDED : now() - last < AGAIN_MS)) continue;
        const differences = await auditCounts(sets, id);
        audited.set(id, isOver ? ENDED : now());
        if (differences.length > 0) onFound(id, differences);
        found += differences.length;
      }
      return found;
    },
  };
}

const ENDED = Number.POSITIVE_INFINITY;
