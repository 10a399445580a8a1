import type { AttemptEnd, Delivery } from '@carillon/core/notification/attempt-end';
import type { ClaimedRow } from '@carillon/db/attempts/claim-notifications';
import type { Line } from '@carillon/db/order/advance-order';

/** A notification whose lease this worker holds and whose attempt row is committed. */
export interface Claimed extends ClaimedRow {
  leaseToken: string;
  /** The account named in the attempt row so far. */
  expectedProvider: string;
  /**
   * When the lease ends, by `performance.now()`; taken before the claim's statement, so never later than the row says.
   */
  leaseEndsAt: number;
  /**
   * The monotonic time, in ms, at which the person's preferences in this row were read, or earlier. Unknown: they are
   * old, and are read again before the call is written.
   */
  knownAt?: number;
  /** The monotonic time, in ms, at which it was due (its acceptance, or `send_at`). Unknown: not measured. */
  dueAt?: number;
  /**
   * A doubtful call made again by the resolver: the first one may have been taken, so it is never given back as unsent.
   */
  isRepeat?: true;
}

/** A step either goes on with what it made, or ends the attempt. */
export type Step<T> = ({ ok: true } & T) | { ok: false; end: AttemptEnd };

/** `line`: the ordering queue of a refused one that has an ordering key. */
export type ClaimResult = { ok: true; claimed: Claimed } | ({ ok: false } & Refused);

export interface Refused {
  delivery: Delivery;
  line: Line | null;
}
