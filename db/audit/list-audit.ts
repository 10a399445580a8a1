import type { Reader } from '../replica/reader.ts';

export interface AuditRow {
  /** Rises with time. A bigint, as text. */
  id: string;
  at: Date;
  appId: string | null;
  actor: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
}

/** An absent filter does not narrow. */
export interface AuditFilter {
  appId?: string | undefined;
  actor?: string | undefined;
  /** A whole action (`api_key.revoke`), or all of a noun (`api_key.`). */
  action?: string | undefined;
  subject?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** Newest first. @param olderThan the id of the last one of the previous page. */
export async function listAudit(
  sql: Reader,
  filter: AuditFilter,
  olderThan: string | undefined,
  limit: number,
): Promise<AuditRow[]> {
  return sql<AuditRow[]>`
    select ${columns(sql)} from audit_log
    where ${matches(sql, filter)} ${olderThan === undefined ? sql`` : sql`and id < ${olderThan}::bigint`}
    order by audit_log.id desc limit ${limit}`;
}

/** Oldest first, for exports. @param newerThan the id of the last one of the previous page. */
export async function listAuditUpwards(
  sql: Reader,
  filter: AuditFilter,
  newerThan: string,
  limit: number,
): Promise<AuditRow[]> {
  return sql<AuditRow[]>`
    select ${columns(sql)} from audit_log
    where ${matches(sql, filter)} and id > ${newerThan}::bigint
    order by audit_log.id limit ${limit}`;
}

const columns = (sql: Reader) => sql`id::text, at, app_id as "appId", actor, action, subject, detail`;

const matches = (sql: Reader, { appId, actor, action, subject, since, until }: AuditFilter) => sql`
  true
  ${appId === undefined ? sql`` : sql`and app_id = ${appId}`}
  ${subject === undefined ? sql`` : sql`and subject = ${subject}`}
  ${actor === undefined ? sql`` : sql`and actor = ${actor}`}
  ${action === undefined ? sql`` : action.endsWith('.') ? sql`and starts_with(action, ${action})` : sql`and action = ${action}`}
  ${since === undefined ? sql`` : sql`and at >= ${since}`}
  ${until === undefined ? sql`` : sql`and at < ${until}`}`;
