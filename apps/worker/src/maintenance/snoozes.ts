import type { InboxOwner } from '@carillon/core/inbox/message';
import { endSnoozes } from '@carillon/db/inbox/change-messages';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

const BATCH = 500;

/**
 * Ends snoozes whose time has come: the message is as new again, and its recipient's streams get the change. Until then
 * it stays hidden, so a late turn makes it late and nothing else.
 */
export function snoozes({ sql, inboxChanged }: { sql: Sql; inboxChanged(owner: InboxOwner): void }): Duty {
  return {
    name: 'snoozes',
    everyMs: 1000,
    async runOnce() {
      const owners = await endSnoozes(sql, BATCH);
      for (const owner of owners) inboxChanged(owner);
      return owners.length;
    },
  };
}
