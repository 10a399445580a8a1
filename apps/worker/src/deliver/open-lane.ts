import type { Environment } from '@carillon/core/notification/environment';
import { partsOf } from '@carillon/core/notification/lane';
import { sharedTurns } from '@carillon/core/template/render/shared-turns';
import { groupStatements } from '@carillon/db/connection/group-statements';
import { lockedNotifications } from '@carillon/db/notifications/locked-notifications';
import type { Line } from '@carillon/db/order/advance-order';
import { claimTogether } from './claim.ts';
import type { DeliveryContext, DeliveryParts, LaneContext, LaneParts } from './context.ts';
import { MAX_GROUP, openGroups } from './groups.ts';
import { advanceTogether } from './ordering.ts';

/** @param parts of the process, with what is specific to the lane. */
export function openLane(parts: LaneParts): LaneContext {
  const { sql, lane, wake, report } = parts;
  const delivery = openDelivery(parts);
  const { channel } = partsOf(lane);
  const firstFor = (environment: Environment): string =>
    parts.accounts.find(
      ({ adapter, environments }) => adapter.channel === channel && environments.includes(environment),
    )?.id ?? 'none';
  const context: LaneContext = {
    ...parts,
    ...delivery,
    expected: { live: firstFor('live'), test: firstFor('test') },
    joinClaim: groupStatements((ids: string[]) => claimTogether(context, ids), {
      maxGroup: MAX_GROUP,
      maxInFlight: 1,
      onGroup: report.groupsOf('claim'),
      locks: { keyOf: (id) => id, lockedOf: (ids) => lockedNotifications(sql, ids) },
    }),
    advanceLine: groupStatements((lines: Line[]) => advanceTogether(sql, lines, wake), {
      maxGroup: MAX_GROUP,
      maxInFlight: 1,
      onGroup: report.groupsOf('order'),
    }),
  };
  return context;
}

/** The statements and caches of deliveries, from the parts of the process. */
export function openDelivery(parts: DeliveryParts): DeliveryContext {
  return {
    ...parts,
    groups: openGroups(parts),
    templates: new Map(),
    origins: new Map(),
    turns: sharedTurns(),
  };
}
