import type { Operations } from '@carillon/client/api-types';
import { useFilters } from '../elements/filters.ts';

/** The filter of the list, of the CSV file and of a bulk action: one shape, in the address as in the API. */
export const FILTERS = [
  'status',
  'channel',
  'priority',
  'category',
  'template',
  'provider',
  'error',
  'address',
  'recipient_id',
  'campaign_id',
  'provider_message_id',
  'idempotency_key',
  'created_after',
  'created_before',
  'send_at_after',
  'send_at_before',
] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filter = Partial<Record<FilterName, string>>;
export type ListQuery = NonNullable<Operations['listNotifications']['query']>;

export const FILTER_TITLES: Readonly<Record<FilterName, string>> = {
  status: 'State',
  channel: 'Channel',
  priority: 'Priority',
  category: 'Category',
  template: 'Template',
  provider: 'Provider account',
  error: 'Error code',
  address: 'Address',
  recipient_id: 'Recipient',
  campaign_id: 'Campaign',
  provider_message_id: "Provider's message id",
  idempotency_key: 'Idempotency key',
  created_after: 'Accepted from',
  created_before: 'Accepted before',
  send_at_after: 'To be sent from',
  send_at_before: 'To be sent before',
};

export function useNotificationFilter() {
  return useFilters(FILTERS);
}

export const countOf = (filter: Filter): number => Object.keys(filter).length;
