import type { Lead } from '@carillon/queue/lead';
import type { Duty } from '../service.ts';

/**
 * The duty, done by the process in the lead alone. For those that read much of the table: safe on every node, but twenty
 * nodes would read it twenty times.
 */
export function byLeader(lead: Lead, duty: Duty): Duty {
  let led = false;
  return {
    ...duty,
    async runOnce() {
      const leads = await lead.hold();
      if (led && !leads) duty.standDown?.();
      led = leads;
      return leads ? duty.runOnce() : 0;
    },
  };
}
