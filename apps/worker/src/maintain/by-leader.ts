import type { Lead } from '@carillon/queue/lead';
import type { Duty } from '../service.ts';

/**
 * The duty, done by the process in the lead alone. For those that read much of the table: safe on every node, but twenty
 * nodes would read it twenty times. One that fails at it lets another one try: it may reach Redis and not PostgreSQL.
 */
export function byLeader(lead: Lead, duty: Duty): Duty {
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
