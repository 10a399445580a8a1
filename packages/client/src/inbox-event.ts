import type { InboxMessage } from './api-types.ts';
import { CarillonError } from './carillon-error.ts';
import type { WireEvent } from './event-parser.ts';

/** Of every event but `closed`: `after` this number, a stream goes on behind it. */
interface Positioned {
  sequence: number;
}

/** What a stream of an inbox says. */
export type InboxEvent =
  /** A message that is new to this stream. */
  | (Positioned & { type: 'message'; message: InboxMessage })
  /** An older one, as it is now. */
  | (Positioned & { type: 'changed'; message: InboxMessage })
  /** First after the catch-up, then after every batch of changes. */
  | (Positioned & { type: 'counts'; unread_count: number; unseen_count: number })
  /** The position is not one of this inbox (a backup was restored): load the list again. The stream goes on. */
  | (Positioned & { type: 'reset' })
  /** The last event: by itself, the stream does not come back. */
  | { type: 'closed'; reason: 'too_many_streams' | 'recipient_erased' };

/** Why the server ended a stream; newer servers may have more reasons. */
export type StreamEnd = 'token_expired' | 'too_many_streams' | 'recipient_erased' | 'restarting' | string;

/** What an event on the wire means: for the reader, or for the connection. */
export type ReadEvent =
  | { event: InboxEvent; position: number | null }
  | { end: StreamEnd }
  /** Of a newer server. */
  | { event: null; position: number | null };

/** @throws CarillonError for data that is no JSON, so that it is not the API that speaks. */
export function readInboxEvent({ type, id, data }: WireEvent): ReadEvent {
  const value = parsed(data) as never;
  const position = id !== undefined && /^\d{1,15}$/.test(id) ? Number(id) : null;
  const sequence = position ?? 0;
  switch (type) {
    case 'message':
    case 'changed':
      return { event: { type, sequence, message: value }, position };
    case 'counts':
      return { event: { type, sequence, ...(value as object) } as InboxEvent, position };
    case 'reset':
      return { event: { type, sequence }, position };
    case 'closed':
      return { end: (value as { reason: StreamEnd }).reason };
    default:
      return { event: null, position };
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new CarillonError('unexpected_answer', 'The stream has an event that is not JSON', { cause });
  }
}
