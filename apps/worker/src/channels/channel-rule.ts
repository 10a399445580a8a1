import type { Content, Message } from '@carillon/core/message';
import type { ClaimedRow } from '@carillon/db/queries/claim-notifications';

/**
 * What differs per channel, and nothing else: where a message goes and what it is made of. Given a claimed row, a
 * channel says how content becomes an addressed message, or null when this person cannot be reached here. An address
 * in the request wins over contact points.
 */
export type ChannelRule = (row: ClaimedRow) => ((content: Content) => Message) | null;
