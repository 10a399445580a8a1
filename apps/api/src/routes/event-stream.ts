import type { Caller } from '../deps.ts';

/** Of answers that are streams of server-sent events. */
export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Proxies of nginx's kind collect answers otherwise.
  'X-Accel-Buffering': 'no',
};

/**
 * A key may be revoked, and a session of staff ended, while a stream is open: then the client connects again, and is
 * authenticated again. As late as a request would notice it.
 */
const KEY_STREAM_MS = 60_000;
const STAFF_STREAM_MS = 5_000;

/** How long a stream of this caller may be open, in milliseconds. */
export function streamMs({ staff }: Pick<Caller, 'staff'>): number {
  return staff ? STAFF_STREAM_MS : KEY_STREAM_MS;
}
