import type { Sql } from 'postgres';

/** One session as its owner and administrators see it: never its token. */
export interface StaffSession {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  ipAddress: string | null;
  userAgent: string | null;
}

/** The live sessions of a person, the one used last first. */
export async function listStaffSessions(sql: Sql, staffId: string): Promise<StaffSession[]> {
  return sql<StaffSession[]>`
    select id, created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt",
      ip_address as "ipAddress", user_agent as "userAgent"
    from staff_logins where staff_id = ${staffId} and expires_at > now()
    order by last_seen_at desc, id limit 200`;
}
