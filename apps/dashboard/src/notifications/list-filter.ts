import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { STATES, type State } from '@carillon/core/notification/states';
import { addressForms } from '@carillon/core/recipient/address-forms';
import type { NotificationFilter } from '@carillon/db/notifications/notification-sources';

/** The filter of the list, from its URL. */
export interface ShownFilter {
  state: State | undefined;
  channel: Channel | undefined;
  priority: Priority | undefined;
  recipient: string | undefined;
}

/** Reads the query of the list page; unknown values are ignored, because old bookmarks must not break. */
export function readFilter(query: Record<string, string>): ShownFilter {
  return {
    state: oneOf(STATES, query['status']),
    channel: oneOf(CHANNELS, query['channel']),
    priority: oneOf(PRIORITIES, query['priority']),
    recipient: query['recipient']?.trim().slice(0, 512).replaceAll('\0', '') || undefined,
  };
}

/** The same for the statement: the recipient field may hold an id or an address in any spelling. */
export function asked({ state, channel, priority, recipient }: ShownFilter): NotificationFilter {
  const person =
    recipient === undefined ? undefined : { recipientId: recipient, address: addressForms(recipient) };
  return { state, channel, priority, person };
}

/** The URL of the list with this filter, from the start or from a cursor. */
export function listPath(
  { state, channel, priority, recipient }: Partial<ShownFilter>,
  before?: string,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ status: state, channel, priority, recipient, before })) {
    if (value) query.set(name, value);
  }
  return query.size > 0 ? `/?${query}` : '/';
}

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
  return values.find((each) => each === value);
}
