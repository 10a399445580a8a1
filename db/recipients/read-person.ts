import type { ContactPoint } from '@carillon/core/notification/compose';
import type { Environment } from '@carillon/core/notification/environment';
import type { Preferences } from '@carillon/core/recipient/preferences';
import type { Sql, TransactionSql } from 'postgres';
import { claimedBeside } from '../attempts/claim-notifications.ts';

/** The facts a claim returns about the person, for callers that claim nothing. */
export interface PersonRow {
  /** Enabled ones, newest first. */
  contact_points: ContactPoint[] | null;
  preferences: Preferences | null;
  /** PostgreSQL's time when this was read. */
  now: Date;
}

/** @param recipientId null for a bare address: then only the time is known. */
export async function readPerson(
  sql: Sql | TransactionSql,
  {
    appId,
    environment,
    recipientId,
  }: { appId: string; environment: Environment; recipientId: string | null },
): Promise<PersonRow> {
  const [row] = await sql<[PersonRow]>`
    select p.contact_points, w.preferences, now() as now
    from (
      select ${appId}::uuid as app_id, ${environment}::text as environment, ${recipientId}::text as recipient_id
    ) c
    ${claimedBeside(sql as Sql)}`;
  return row;
}
