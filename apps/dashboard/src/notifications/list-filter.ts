import { CHANNELS, type Channel } from '@carillon/core/channel';
import { PRIORITIES, type Priority } from '@carillon/core/priority';
import { STATES, type State } from '@carillon/core/states';

/** What the list shows, as its address line says it. */
export interface ShownFilter {
  state: State | undefined;
  channel: Channel | undefined;
  priority: Priority | undefined;
  recipient: string | undefined;
}

/** Reads the query of the list page; unknown values count as not chosen, for old bookmarks must not break. */
export function readFilter(query: Record<string, string>): ShownFilter {
  return {
    state: oneOf(STATES, query['status']),
    channel: oneOf(CHANNELS, query['channel']),
    priority: oneOf(PRIORITIES, query['priority']),
    recipient: query['recipient']?.trim().slice(0, 512).replaceAll('\0', '') || undefined,
  };
}

/** The address of the list with this filter, at its head or from a cursor on. */
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
