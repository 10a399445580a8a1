import type { Channel } from '@carillon/core/notification/channel';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import { categoryName } from '@carillon/core/provider/visible-text';
import { addressForms } from '@carillon/core/recipient/address-forms';
import type { NotificationFilter } from '@carillon/db/notifications/notification-sources';

/** The filter of the list of notifications as it is written in a query; checked values. */
export interface FilterQuery {
  recipient_id?: string | undefined;
  /** In any spelling. */
  address?: string | undefined;
  status?: State | undefined;
  channel?: Channel | undefined;
  priority?: Priority | undefined;
  category?: string | undefined;
  campaign_id?: string | undefined;
  /** RFC 3339. */
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export function filterOf(query: FilterQuery): NotificationFilter {
  const time = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
  return {
    address: query.address === undefined ? undefined : addressForms(query.address),
    recipientId: query.recipient_id,
    state: query.status,
    channel: query.channel,
    priority: query.priority,
    categories: query.category === undefined ? undefined : [query.category, categoryName(query.category)],
    campaignId: query.campaign_id,
    createdAfter: time(query.created_after),
    createdBefore: time(query.created_before),
  };
}
