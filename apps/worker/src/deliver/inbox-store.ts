import type { InboxOwner } from '@carillon/core/inbox/message';
import { UNSTORABLE } from '@carillon/core/notification/attempt-end';
import type { OnGroup } from '@carillon/core/program/group-commit';
import { groupStatements, isLocked, isMembersFault } from '@carillon/db/connection/group-statements';
import { findChangingInboxes, type InboxEntry, storeInboxMessages } from '@carillon/db/inbox/store-messages';
import { unstorableReason } from '@carillon/db/notifications/fail-unstorable';
import type { RegistryDeps } from '@carillon/providers/accounts/registry';
import type { MayWrite } from '@carillon/providers/http/may-write';
import { NotStored } from '@carillon/providers/inbox/send';
import type { Sql } from 'postgres';

/** The recipient's row is locked by another transaction: the message is retried after this time. */
const LOCKED_MS = 1000;

interface Asked {
  entry: InboxEntry;
  mayWrite: MayWrite | undefined;
}

const keyOf = ({ appId, environment, recipientId }: InboxOwner): string =>
  JSON.stringify({ appId, environment, recipientId });

/**
 * The in-app inbox is a table: messages that arrive together are stored together, and none holds up the others.
 *
 * @param onStored called for each message after its commit, to signal that the inbox changed.
 * @returns a function that stores one message. It resolves to false, storing nothing, unless `mayWrite` says yes when
 *   its statement is about to be sent. It rejects with NotStored if the message is certainly not stored: permanently
 *   where PostgreSQL cannot hold its text, for now where its recipient or inbox is locked. After any other error the
 *   outcome is unknown.
 */
export function inboxStore(
  sql: Sql,
  onStored: (owner: InboxOwner) => void,
  onGroup?: OnGroup,
): RegistryDeps['storeInboxMessage'] {
  const store = groupStatements(
    async (asked: Asked[]): Promise<('stored' | 'locked' | 'not_now')[]> => {
      // It waited for the statements before it.
      const wanted = new Set(asked.filter(({ mayWrite }) => (mayWrite?.() ?? true) === true));
      const entries = [...wanted].map(({ entry }) => entry);
      const locked = entries.length === 0 ? new Set<string>() : await storeInboxMessages(sql, entries);
      return asked.map((each) =>
        !wanted.has(each) ? 'not_now' : locked.has(each.entry.notificationId) ? 'locked' : 'stored',
      );
    },
    {
      maxGroup: 250,
      maxInFlight: 2,
      onGroup,
      locks: {
        keyOf: ({ entry }) => keyOf(entry),
        lockedOf: async (keys) => {
          const owners = keys.map((key) => JSON.parse(key) as InboxOwner);
          return new Set((await findChangingInboxes(sql, owners)).map(keyOf));
        },
      },
    },
  );
  return async (entry, mayWrite) => {
    const end = await store({ entry, mayWrite }).catch((error: unknown) => {
      // The statement waited for its inbox and was undone.
      if (isLocked(error)) return 'locked' as const;
      if (!isMembersFault(error)) throw error;
      throw new NotStored({
        class: 'rejected',
        code: UNSTORABLE,
        message: unstorableReason('the in-app message', error),
        phase: 'answered',
      });
    });
    if (end === 'stored') onStored(entry);
    if (end !== 'locked') return end === 'stored';
    throw new NotStored({
      class: 'throttled',
      code: 'recipient_locked',
      message: 'another transaction is changing the recipient or the inbox',
      retryAfterMs: LOCKED_MS,
      phase: 'answered',
    });
  };
}
