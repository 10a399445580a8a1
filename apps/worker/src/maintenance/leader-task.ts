import type { LeaderLease } from '@carillon/queue/leader-lease';
import type { Duty } from '../service.ts';

/**
 * Runs the duty only in the process that holds the leader lease. For duties that read much of the table: safe on every
 * node, but twenty nodes would read it twenty times. A leader whose turn fails gives the lease up for another: it may
 * reach Redis and not PostgreSQL.
 */
export function leaderTask(lead: LeaderLease, duty: Duty): Duty {
  let led = false;
  return {
    ...duty,
    async runOnce() {
      const leads = await lead.hold();
      if (led && !leads) duty.standDown?.();
      led = leads;
      if (!leads) return 0;
      try {
        return await duty.runOnce();
      } catch (error) {
        await lead.leave();
        throw error;
      }
    },
  };
}
