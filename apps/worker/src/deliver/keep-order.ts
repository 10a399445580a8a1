import type { Line } from '@carillon/db/queries/advance-order';
import type { Claimed, Delivery, Steps } from './steps.ts';

/**
 * Steps that also move the lines of ordering keys on: whenever one of a line is done with (sent, dead, held, refused
 * because it was cancelled ...), the next may be due. Notifications without a key pass untouched.
 *
 * A claim refused for its turn is told too: the one ahead may have ended while this one was being parked, and whoever
 * ended it found nobody parked yet.
 *
 * @param advance never rejects: what a lost call leaves behind, maintain/order finds.
 */
export function keepOrder(steps: Steps, advance: (line: Line) => Promise<void>): Steps {
  return {
    ...steps,
    async claim(id) {
      const claim = await steps.claim(id);
      if (!claim.ok && claim.line && isDone(claim.delivery)) await advance(claim.line);
      return claim;
    },
    async record(claimed, end) {
      const delivery = await steps.record(claimed, end);
      const line = lineOf(claimed);
      if (line && isDone(delivery)) await advance(line);
      return delivery;
    },
  };
}

function lineOf({ app_id: appId, environment, ordering_key: orderingKey }: Claimed): Line | null {
  return orderingKey === null ? null : { appId, environment, orderingKey };
}

/** What comes back by itself keeps its place at the front. */
function isDone(delivery: Delivery): boolean {
  return delivery.now !== 'waiting';
}
