/**
 * Messages of a campaign that may be in progress: 4 seconds of its own rate. What another app sends waits behind them:
 * they are done 5 seconds later, or in twice the time that a thousand messages take.
 */
const WINDOW_SECONDS = 4;
const LEAST_WINDOW = 2_000;
const MOST_WINDOW = 50_000;
/** Until a rate was measured. */
export const FIRST_WINDOW = 4_000;

/**
 * Pure: how many messages of a campaign may be in progress before the next slice is made. A slow provider gets few, so that
 * a pause or a cancel has little to take back; a fast one never waits for a slice.
 *
 * @param ratePerSecond at which the campaign's own messages became final; null while it is not known.
 */
export function sliceWindow(ratePerSecond: number | null): number {
  if (ratePerSecond === null || !Number.isFinite(ratePerSecond)) return FIRST_WINDOW;
  return Math.round(Math.min(MOST_WINDOW, Math.max(LEAST_WINDOW, ratePerSecond * WINDOW_SECONDS)));
}

/** The token bucket of a throttle, as the campaign's row has it. A token is one message. */
export interface Bucket {
  tokens: number;
  /** Of the last fill, in milliseconds since the epoch; null before the first. */
  filledAtMs: number | null;
}

export const FILL_EVERY_MS = 5_000;
const FILLS_PER_MINUTE = 60_000 / FILL_EVERY_MS;

/**
 * Pure: fills the bucket of a throttle when its time has come: every 5 seconds with a twelfth of what a minute may have.
 * Fractions are carried over; whole tokens that were not used are lost, and so are fills that nobody made, so that a
 * campaign that was held up does not catch up in one burst. A throttle that was changed counts from the next fill on.
 *
 * @param now milliseconds since the epoch.
 * @returns the same bucket where it is too early.
 */
export function fillBucket(bucket: Bucket, throttlePerMinute: number, now: number): Bucket {
  const { tokens, filledAtMs } = bucket;
  if (filledAtMs !== null && now < filledAtMs + FILL_EVERY_MS) return bucket;
  const fill = throttlePerMinute / FILLS_PER_MINUTE;
  const carried = tokens - Math.floor(tokens);
  // A fill of less than one message must not cost the message that it was saved for.
  const saved = Math.min(Math.max(tokens, 0), 1);
  // On the beat: a fill that comes late does not make the next one later.
  const beat = filledAtMs === null ? now : now - ((now - filledAtMs) % FILL_EVERY_MS);
  return { tokens: Math.max(carried + fill, saved), filledAtMs: beat };
}

/** How many of `wanted` messages the bucket allows now, and what is left of it. */
export function spend(bucket: Bucket, wanted: number): { allowed: number; bucket: Bucket } {
  // Sums of twelfths: 0.9999999999 of a token is one.
  const allowed = Math.min(wanted, Math.floor(bucket.tokens + 1e-6));
  return { allowed, bucket: { ...bucket, tokens: Math.max(0, bucket.tokens - allowed) } };
}

/** The first messages decide whether a campaign goes on. */
export const WATCHED = 1_000;
const MOST_FAILED_SHARE = 0.05;
/** Fewer are chance, in a small campaign. */
const LEAST_FAILED = 10;

/**
 * Pure: whether a campaign pauses itself: 5 % of its first 1,000 messages failed (of all, where there are fewer).
 *
 * @param outcome `tried`: messages that are sent, delivered, failed or dead; `failed`: failed or dead; `planned`: recipients.
 * @returns `pause`, `watch` while it can still happen, `passed` once the first 1,000 are good: do not ask again.
 */
export function selfPause(outcome: {
  tried: number;
  failed: number;
  planned: number;
}): 'pause' | 'watch' | 'passed' {
  const { tried, failed, planned } = outcome;
  const first = Math.min(WATCHED, planned);
  // Looked at late, more than the first 1,000 may be known: then the share of all of them counts.
  if (failed >= Math.max(LEAST_FAILED, MOST_FAILED_SHARE * Math.max(first, tried))) return 'pause';
  return tried >= first ? 'passed' : 'watch';
}

/**
 * Pure: when the last message of a campaign will be out, as far as its rate says.
 *
 * @param left recipients who are not made yet, and messages in progress.
 * @param lastDueMs when the last chunk is due; null where all are.
 * @param now milliseconds since the epoch.
 * @returns milliseconds since the epoch; null where neither a rate nor a throttle is known.
 */
export function endsAt(
  of: {
    left: number;
    ratePerMinute: number | null;
    throttlePerMinute: number | null;
    lastDueMs: number | null;
  },
  now: number,
): number | null {
  const { left, ratePerMinute, throttlePerMinute, lastDueMs } = of;
  const known = [ratePerMinute, throttlePerMinute].filter((rate) => rate !== null && rate > 0) as number[];
  if (left <= 0) return Math.max(now, lastDueMs ?? now);
  if (known.length === 0) return null;
  const neededMs = (left / Math.min(...known)) * 60_000;
  return Math.max(lastDueMs ?? 0, Math.round(now + neededMs));
}
