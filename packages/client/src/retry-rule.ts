import type { OperationId } from './api-types.ts';
import { ROUTES } from './api-types.ts';
import type { CarillonError } from './carillon-error.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8_000;
/** A longer Retry-After is not waited for: the caller can do that, for example with a queue. */
const LONGEST_RETRY_AFTER_SECONDS = 60;

/**
 * POSTs that may be repeated: sends by their idempotency key, the others because the API detects the repeat, or because
 * they change nothing. Any other POST has an effect each time (another cycle of attempts, another endpoint, a secret
 * that was never shown) and is repeated only when the API says that it did nothing. Reads, PUTs, PATCHes and DELETEs
 * are always repeatable.
 */
const REPEATABLE_POSTS: ReadonlySet<OperationId> = new Set([
  'sendNotification',
  'sendNotificationBatch',
  'cancelNotification',
  'rescheduleNotification',
  'createCampaign',
  'reviewCampaign',
  'scheduleCampaign',
  'pauseCampaign',
  'resumeCampaign',
  'cancelCampaign',
  'approveCampaign',
  'startBulkAction',
  'stopBulkAction',
  'putRecipientBatch',
  'addDevice',
  'addSuppression',
  'countFilter',
  'addMembers',
  'previewTemplate',
  'createPreferencesLink',
  'openBreaker',
  'closeBreaker',
  'releaseBreaker',
  'verifyProviderAccount',
  'issueRecipientToken',
  ...inboxPosts(),
]);

/** What is so already changes nothing. */
function inboxPosts(): OperationId[] {
  const all = Object.keys(ROUTES) as OperationId[];
  return all.filter((id) => ROUTES[id].method === 'POST' && /\/inbox\//.test(ROUTES[id].path));
}

/** Whether the request may have been carried out although no valid answer arrived. */
export function mayHaveArrived({ status }: Pick<CarillonError, 'status'>): boolean {
  return status === null || status >= 500 || status === 408;
}

/**
 * Pure: whether and when to try again.
 *
 * @param tries made so far, from 1.
 * @param retries at most this many after the first try.
 * @param random in [0, 1).
 * @returns milliseconds, or null for "give up": 250 ms, doubled each time up to 8 s, half of it random, and never less
 *   than `Retry-After`.
 */
export function nextWaitMs(
  operation: OperationId,
  error: Pick<CarillonError, 'status' | 'code' | 'retryAfterSeconds'>,
  tries: number,
  retries: number,
  random: number,
): number | null {
  if (tries > retries) return null;
  const isThrottled = error.status === 429;
  if (!isThrottled && !mayHaveArrived(error)) return null;
  if (!isThrottled && !isRepeatable(operation)) return null;
  const asked = error.retryAfterSeconds ?? 0;
  if (asked > LONGEST_RETRY_AFTER_SECONDS) return null;
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1));
  return Math.round(asked * 1000 + backoff * (0.5 + random / 2));
}

/** A repeated DELETE that finds nothing succeeded before. */
export function isDoneBefore(operation: OperationId, { status }: Pick<CarillonError, 'status'>): boolean {
  return ROUTES[operation].method === 'DELETE' && status === 404;
}

const isRepeatable = (operation: OperationId): boolean =>
  ROUTES[operation].method !== 'POST' || REPEATABLE_POSTS.has(operation);
