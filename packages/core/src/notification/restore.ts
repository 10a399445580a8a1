import type { GuaranteeClass } from '../provider/guarantee.ts';
import { KEY_MEMORY_MS } from './doubt.ts';
import type { Priority } from './priority.ts';

/**
 * What a restored database does not know: the calls to providers between the moment of the backup and the restore. The
 * rules by which nothing is sent a second time because of that (docs/backup.md). Times are milliseconds since the
 * epoch, by the database's clock.
 */
export interface Restore {
  /** The moment whose data was brought back. */
  to: number;
  /** When the restored database was put into use. */
  at: number;
  /** A person has looked at the report and let bulk messages go. */
  released: boolean;
}

/** The error code of an attempt that may have been made after the backup, and of the journal's row about it. */
export const RESTORED = 'restored';

/** For people: why such an attempt is in doubt. */
export const RESTORED_REASON =
  'the database was restored from a backup: this call may have been made between the backup and the restore';

/**
 * Bulk messages wait until a person has looked at the report: a mistake in a restore must not reach everybody at once.
 */
export function holdsBack(restore: Restore | null, priority: Priority): boolean {
  return restore !== null && !restore.released && priority === 'bulk';
}

/** For people: why a bulk message waits. */
export const HELD_BACK = 'bulk messages wait until the restore of the database is released';
/** How long until a job that is held back is looked at again. */
export const HELD_BACK_MS = 60_000;
/** The same for a doubt: there may be a million of them, and the release makes them due. */
export const HELD_BACK_DOUBT_MS = 600_000;

/** What decides whether the next call for a notification may repeat one that the restored database does not know. */
export interface CallAfterRestore {
  priority: Priority;
  now: number;
  /** Of the account that is to be called. */
  guarantee: GuaranteeClass;
  hasLookup: boolean;
  /** Accepted since the restore. */
  fresh: boolean;
  /** The client chose its idempotency key, so the request may be a repeat of one that was accepted after the backup. */
  keyed: boolean;
  /** An attempt of it was in doubt because of the restore ... */
  suspect: boolean;
  /** ... at this very account: the doubt about it is settled. */
  checked: boolean;
  /** A person has it sent again, knowing that it may arrive twice. */
  accepted: boolean;
}

/**
 * Whether the call must not be made blindly: it becomes a doubt, which the resolver settles under the provider's key or
 * by a look-up, or which waits for a person.
 *
 * A request made since the restore is most probably new. While the restore is under review it is checked where that can
 * be done; where it cannot, a critical one is sent, because a one-time password is of use only now, and another one
 * waits for a person. After the release new requests are sent without a check: a look-up by text would find the
 * message of yesterday and take it for that of today.
 */
export function mayRepeatUnknownCall(restore: Restore, call: CallAfterRestore): boolean {
  if (call.checked || call.accepted) return false;
  if (call.suspect) return true;
  if (!call.fresh || !call.keyed || restore.released) return false;
  const canBeChecked = call.hasLookup || (call.guarantee === 'A' && call.now - restore.to < KEY_MEMORY_MS);
  return canBeChecked || call.priority !== 'critical';
}
