import { erasedId } from '@carillon/core/recipient/erased-id';
import { audit } from '@carillon/db/audit/audit';
import { getPreferences, type PreferencesRow } from '@carillon/db/preferences/preferences';
import { getRecipient, type RecipientRow } from '@carillon/db/recipients/people';
import {
  type HeldInboxMessage,
  type HeldPage,
  type HeldPosition,
  readHeldInbox,
  readHeldNotifications,
} from '@carillon/db/recipients/read-held';
import type { ActorContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from './no-such-recipient.ts';
import { type PointSuppression, suppressionsOf } from './suppressions-of.ts';

export interface HeldData {
  recipient: RecipientRow;
  preferences: PreferencesRow;
  suppressions: PointSuppression[];
  inbox: HeldInboxMessage[];
  messages: HeldPage;
}

/** Notifications of one page, with their attempts; in-app messages altogether. */
const NOTIFICATIONS_PER_PAGE = 1_000;
const INBOX_MESSAGES = 10_000;

/**
 * Everything that is held about a person (GDPR, articles 15 and 20). Audited.
 *
 * @param input.withContent whether the caller may read what was sent.
 * @param input.before the position at which the page of messages before ended.
 * @throws ProblemError 404.
 */
export async function exportRecipient(
  { db, actor }: ActorContext,
  input: RecipientInput & { withContent: boolean; before: HeldPosition | undefined },
): Promise<HeldData> {
  const { tenant, recipientId, withContent, before } = input;
  const recipient = await getRecipient(db, tenant, recipientId);
  if (recipient === null) throw noSuchRecipient(recipientId);
  // One after the other: an export must not take all connections.
  const preferences = await getPreferences(db, tenant, recipientId);
  const suppressions = await suppressionsOf({ db }, tenant, recipient);
  const inbox = await readHeldInbox(db, tenant, recipientId, INBOX_MESSAGES);
  const messages = await readHeldNotifications(db, tenant, recipientId, before, NOTIFICATIONS_PER_PAGE);
  if (preferences === null) throw noSuchRecipient(recipientId);
  await audit(db, {
    appId: tenant.appId,
    actor,
    action: 'recipient.export',
    // As for an erasure, after which nothing may name the person.
    subject: `recipient:${erasedId(tenant.appId, tenant.environment, recipientId)}`,
    detail: {
      environment: tenant.environment,
      notifications: messages.notifications.length,
      content: withContent,
    },
  });
  return { recipient, preferences, suppressions, inbox, messages };
}
