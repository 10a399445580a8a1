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
  /** One, or several with commas between them; so are channel and priority. */
  status?: string | undefined;
  channel?: string | undefined;
  priority?: string | undefined;
  category?: string | undefined;
  campaign_id?: string | undefined;
  template?: string | undefined;
  provider?: string | undefined;
  error?: string | undefined;
  provider_message_id?: string | undefined;
  idempotency_key?: string | undefined;
  /** RFC 3339. */
  created_after?: string | undefined;
  created_before?: string | undefined;
  send_at_after?: string | undefined;
  send_at_before?: string | undefined;
}

const MEMBERS: Readonly<Record<keyof FilterQuery, true>> = {
  recipient_id: true,
  address: true,
  status: true,
  channel: true,
  priority: true,
  category: true,
  campaign_id: true,
  template: true,
  provider: true,
  error: true,
  provider_message_id: true,
  idempotency_key: true,
  created_after: true,
  created_before: true,
  send_at_after: true,
  send_at_before: true,
};

/** A stored filter of a newer release may narrow by what this one does not know: it would match too much. */
export function knowsFilter(stored: Readonly<Record<string, string>>): boolean {
  return Object.keys(stored).every((member) => Object.hasOwn(MEMBERS, member));
}

export function filterOf(query: FilterQuery): NotificationFilter {
  const time = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
  return {
    address: query.address === undefined ? undefined : addressForms(query.address),
    recipientId: query.recipient_id,
    state: several<State>(query.status),
    channel: several<Channel>(query.channel),
    priority: several<Priority>(query.priority),
    categories: query.category === undefined ? undefined : [query.category, categoryName(query.category)],
    campaignId: query.campaign_id,
    template: query.template,
    provider: query.provider,
    errorCode: query.error,
    providerMessageId: query.provider_message_id,
    idempotencyKey: query.idempotency_key,
    dueAfter: time(query.send_at_after),
    dueBefore: time(query.send_at_before),
    createdAfter: time(query.created_after),
    createdBefore: time(query.created_before),
  };
}

/** Each once; the schema of the query has checked them. */
const several = <T extends string>(text: string | undefined): T[] | undefined =>
  text === undefined ? undefined : ([...new Set(text.split(','))] as T[]);
