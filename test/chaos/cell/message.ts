import type { Priority } from '@carillon/core/notification/priority';
import { type Column, speciesOf, type Word } from '../crash/columns.ts';
import { categoryOf, type Planned, type PlannedRequest } from '../load/plan.ts';
import { createRandom } from '../load/random.ts';
import { SPECIES } from '../load/species.ts';

/**
 * What the load of a cell is made of. A cell has no recipients of its own, and no receipts, which alone settle what Twilio
 * never answers.
 */
export const SPECIES_OF_CELLS = SPECIES.filter(
  ({ name, body }) =>
    name !== 'sms/twilio, answer dropped' && !('recipient_id' in body('', createRandom(1)).to),
);

/** One message of a cell: by default plain and critical. */
export interface MessageWishes {
  key: string;
  /** What its recipient commands. */
  word?: Word;
  priority?: Priority;
  ttlSeconds?: number;
  orderingKey?: string;
}

export function messageTo(column: Column, wishes: MessageWishes): Planned {
  const { key, word = 'ok', priority = 'critical', ttlSeconds = null, orderingKey = null } = wishes;
  const body = {
    to: column.to(word, key),
    content: column.content(key),
    channel: column.channel,
    priority,
    category: categoryOf(column.policy),
    idempotency_key: key,
  };
  const { policy } = column;
  const species = speciesOf(column);
  return {
    key,
    species,
    priority,
    policy,
    body,
    sendInMs: null,
    ttlSeconds,
    cancelAfterMs: null,
    orderingKey,
  };
}

/** Asks for messages to one column: together, or one after the other. */
export function requestsOf(column: Column, items: Planned[], isBatch = false): PlannedRequest[] {
  const request = { environment: column.environment, isBatch, hangUpAfterMs: null, isRepeated: false };
  return isBatch ? [{ ...request, items }] : items.map((item) => ({ ...request, items: [item] }));
}
