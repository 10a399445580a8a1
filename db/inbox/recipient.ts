import type { InboxOwner } from '@carillon/core/inbox/message';
import type { Sql } from 'postgres';

/** What decides whether a recipient's token is still good, and from which web pages it may be used. */
export interface InboxRecipient {
  createdAt: Date;
  allowedOrigins: string[];
  /** PostgreSQL's time when it was read. */
  now: Date;
}

/** @returns null if there is no such recipient. */
export async function findInboxRecipient(sql: Sql, owner: InboxOwner): Promise<InboxRecipient | null> {
  const { appId, environment, recipientId } = owner;
  const [row] = await sql<InboxRecipient[]>`
    select r.created_at as "createdAt", a.allowed_origins as "allowedOrigins", now() as now
    from recipients r join apps a on a.id = r.app_id
    where r.app_id = ${appId} and r.environment = ${environment} and r.id = ${recipientId}`;
  return row ?? null;
}

/** Whether any app allows requests from web pages of this origin. */
export async function isAllowedOrigin(sql: Sql, origin: string): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (select from apps where ${origin} = any (allowed_origins)) as found`;
  return row.found;
}
