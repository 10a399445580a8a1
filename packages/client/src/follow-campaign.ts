import type { Campaign } from './api-types.ts';
import { CarillonError } from './carillon-error.ts';
import { eventConnection } from './event-connection.ts';
import { eventParser } from './event-parser.ts';
import { mayHaveArrived } from './retry-rule.ts';
import type { Transport } from './transport.ts';

/** The API sends something every 20 s. */
const SILENCE_MS = 60_000;
/** Of the waits between connections: the first, doubled each time up to the longest; half of each random. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * Follows a campaign over any number of connections until it is over.
 *
 * @throws CarillonError for an answer that a repeat does not change (401, 403, 404).
 */
export async function* followCampaign(
  api: Pick<Transport, 'open' | 'wait' | 'random'>,
  id: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Campaign, void, undefined> {
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    const open = (stop: AbortSignal) => api.open('streamCampaign', { path: { id } }, stop);
    const connection = eventConnection(open, SILENCE_MS, signal);
    const parse = eventParser();
    try {
      for (let bytes = await connection.read(); bytes !== null; bytes = await connection.read()) {
        for (const { type, data } of parse(bytes)) {
          if (type === 'campaign') {
            failures = 0;
            yield JSON.parse(data) as Campaign;
          }
          if (type === 'closed' && (JSON.parse(data) as { reason: string }).reason !== 'restarting') return;
        }
      }
    } catch (error) {
      const passes = error instanceof CarillonError && (mayHaveArrived(error) || error.status === 429);
      if (!passes || signal?.aborted) throw error;
    } finally {
      await connection.close();
    }
    failures += 1;
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
    await api.wait(Math.round(longest * (0.5 + api.random() / 2)), signal);
  }
}
