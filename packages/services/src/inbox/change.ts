import type { InboxChange, InboxMessage, InboxOwner } from '@carillon/core/inbox/message';
import { attemptId } from '@carillon/core/text/ids';
import { ProblemError } from '@carillon/core/text/problem';
import { inboxAttempts } from '@carillon/db/attempts/attempt-account';
import { changeInboxMessages, type InboxTarget } from '@carillon/db/inbox/change-messages';
import { findInboxMessage, type InboxState, readInboxState } from '@carillon/db/inbox/list-messages';
import type { AppliedReceipt } from '@carillon/db/receipts/apply-receipts';
import { takeReceipts } from '@carillon/db/receipts/receive-receipts';
import type { TransactionSql } from 'postgres';
import type { ServiceContext } from '../context.ts';

/** The context of verbs that change inboxes. */
export interface InboxContext extends Pick<ServiceContext, 'db'> {
  /** Called after a commit that changed an inbox. */
  inboxChanged(owner: InboxOwner): void;
  /** Called after the commit with the receipts that a change made. */
  onReceipts(receipts: readonly AppliedReceipt[]): void;
}

/** Messages of one commit: a person may have ten thousand. */
const OF_A_COMMIT = 500;

/**
 * Changes one message of an inbox. Changing to what is so already changes nothing. The first time that it is seen, and
 * that it is read, is a receipt of the in-app channel, in the same commit.
 *
 * @throws ProblemError 404 where this person has no such message.
 */
export async function changeInboxMessage(
  ctx: InboxContext,
  { owner, id, change }: { owner: InboxOwner; id: string; change: InboxChange },
): Promise<InboxMessage> {
  const [changed] = await commit(ctx, owner, change, { id });
  const message = changed ?? (await findInboxMessage(ctx.db, owner, id));
  if (message === null) throw noSuchMessage(id);
  return message;
}

/**
 * Marks everything in the list of an inbox, some hundred messages a commit: what was done when it is interrupted stays
 * done, and a repetition does the rest.
 *
 * @param upTo leaves out what arrived after this number.
 * @throws ProblemError 404 where there is no such recipient.
 */
export async function markInbox(
  ctx: InboxContext,
  {
    owner,
    to,
    ...which
  }: { owner: InboxOwner; to: 'seen' | 'read'; category?: string | undefined; upTo?: number | undefined },
): Promise<InboxState & { changed: number }> {
  let total = 0;
  for (let count = OF_A_COMMIT; count === OF_A_COMMIT; total += count)
    count = (await commit(ctx, owner, { to }, { ...which, limit: OF_A_COMMIT })).length;
  const state = await readInboxState(ctx.db, owner);
  if (state === null) throw noSuchInbox();
  return { ...state, changed: total };
}

async function commit(
  { db, inboxChanged, onReceipts }: InboxContext,
  owner: InboxOwner,
  change: InboxChange,
  target: InboxTarget,
): Promise<InboxMessage[]> {
  const { messages, receipts } = await db.begin(async (tx) => {
    const messages = await changeInboxMessages(tx, owner, change, target);
    if (messages === null) throw noSuchInbox();
    return { messages, receipts: await record(tx, change, messages) };
  });
  if (messages.length > 0) inboxChanged(owner);
  onReceipts(receipts);
  return messages;
}

/** A message that is read has been seen as well. */
const MADE_BY: Readonly<Partial<Record<InboxChange['to'], readonly ('seen' | 'read')[]>>> = {
  seen: ['seen'],
  read: ['seen', 'read'],
};

/** The receipts that a change makes: those that are not there yet, of messages whose notification is still kept. */
async function record(
  tx: TransactionSql,
  change: InboxChange,
  messages: readonly InboxMessage[],
): Promise<AppliedReceipt[]> {
  const kinds = MADE_BY[change.to];
  if (kinds === undefined || messages.length === 0) return [];
  const at = new Map(messages.map(({ id, seenAt, readAt }) => [id, { seen: seenAt, read: readAt }]));
  const attempts = await inboxAttempts(tx, [...at.keys()]);
  const received = attempts.flatMap(({ notificationId, n, account }) =>
    kinds.map((kind) => ({
      account,
      receipt: {
        eventId: `${kind}/${notificationId}`,
        kind,
        attemptId: attemptId(notificationId, n),
        ...(at.get(notificationId)?.[kind] ? { at: at.get(notificationId)![kind]! } : {}),
      },
    })),
  );
  return (await takeReceipts(tx, received)).applied;
}

/** The same answer for a message that does not exist and one of another person. */
function noSuchMessage(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no message ${id} in this inbox. GET the inbox for its messages.`,
  );
}

export function noSuchInbox(): ProblemError {
  return new ProblemError('not_found', 'There is no such inbox. Its recipient was erased, or never added.');
}
